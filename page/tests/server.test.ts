// The page as a server gives it out: strokes and pictures are sent to it, and to nobody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browser, chromiumPath, Hands, host, until, type Browser } from "./browser.js";
import { root } from "./model.js";
import { own } from "./site.js";

const BOX = { x: 200, y: 380, width: 400, height: 150 };
const GREEDY = { latex: "x^{2}", tokens: "x ^ { 2 }", confidence: 0.7, alternatives: [], well_formed: true, complete: true, model: "test" };
const WIDE = { ...GREEDY, alternatives: [{ latex: "X^{2}", tokens: "X ^ { 2 }", confidence: 0.2 }] };
const PICTURE = join(root, "examples/sum.png");

interface Asked {
  readonly type: string;
  readonly authorization: string;
  readonly beams: string | null;
  readonly body: Buffer;
}

describe("server's page", { skip: !chromiumPath && "there is no Chromium" }, () => {
  const asked: Asked[] = [];
  const last = () => asked[asked.length - 1];
  const pictures = () => asked.filter(({ type }) => type.startsWith("image/")); // the page may ask about its ink meanwhile
  const strokes = (one: Asked) => JSON.parse(one.body.toString()) as { strokes: number[][][]; beams: number };
  const beams = (one: Asked) => (one.beams === null ? strokes(one).beams : Number(one.beams));
  const usual = (one: Asked): [number, unknown] => [200, beams(one) > 1 ? WIDE : GREEDY];
  let answer = usual;
  let server: Server, chrome: Browser, page: Page, hands: Hands;

  before(async () => {
    const stand = await standIn((one) => (asked.push(one), answer(one)));
    server = stand.server;
    chrome = await browser(stand.address);
    page = await chrome.context.newPage();
    await page.goto(stand.address);
    hands = await Hands.on(page);
  });
  after(async () => {
    await chrome?.close();
    server?.close();
  });
  beforeEach(() => (answer = usual));
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const shown = () => document.querySelector("canvas.picture:not([hidden])");
  const size = ({ body }: Asked) => [body.readUInt32BE(16), body.readUInt32BE(20)];
  const read = async () => {
    const before = pictures().length;
    await press("Read it");
    await until(page, "the picture's formula", () => document.querySelector("dialog .katex"));
    const [one, ...more] = pictures().slice(before);
    assert.equal(more.length, 0);
    assert.equal(one.type, "image/png");
    assert.equal(one.body.subarray(1, 4).toString(), "PNG");
    assert.equal(one.beams, "4");
    return size(one);
  };
  /** Give the page a picture as a drop or a paste does. */
  const give = (event: "drop" | "paste") => page.evaluate(([data, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], "sum.png", { type: "image/png" }));
    const about = { bubbles: true, cancelable: true };
    document.body.dispatchEvent(name === "drop" ? new DragEvent("drop", { ...about, dataTransfer: transfer })
      : new ClipboardEvent("paste", { ...about, clipboardData: transfer }));
  }, [readFileSync(PICTURE).toString("base64"), event] as const);

  test("sends strokes, greedily at once and by beams in a pause", async () => {
    await hands.write(own("fraction").slice(0, 2), BOX);
    await until(page, "the server's answer", () => document.querySelector<HTMLElement>(".line")?.dataset.latex === "x ^ { 2 }");
    for (let i = 0; i < 100 && beams(last()) < 4; i++) await page.waitForTimeout(100);
    assert.equal(beams(last()), 4);
    assert.ok(strokes(last()).strokes.length >= 2); // a busy browser may lift the pen in the middle of one
    assert.ok(strokes(last()).strokes.flat().every((point) => point.length === 2));
    assert.ok(asked.every(({ authorization }) => !authorization));
    assert.ok(await page.getByRole("button", { name: /Read as/ }).isVisible());
  });

  test("asks for no more beams than the server takes", async () => {
    answer = (one) => (beams(one) > 1 ? [400, { error: { message: "beams must be a whole number from 1 to 1" } }] : [200, GREEDY]);
    const before = asked.length;
    await hands.stroke([[700, 400], [720, 430]]);
    for (let i = 0; i < 100 && asked.slice(before).length < 3; i++) await page.waitForTimeout(100);
    assert.deepEqual(asked.slice(before).map(beams), [1, 4, 1]);
    assert.doesNotMatch(await page.locator(".status").textContent() ?? "", /beams/);
    await page.reload();
  });

  test("a picture is chosen, turned and cropped", async () => {
    await press("Read a picture");
    await page.locator("input[type=file]").first().setInputFiles(PICTURE);
    await until(page, "the picture", shown);
    const [width, height] = await read();
    await press("Turn by a quarter");
    assert.deepEqual(await read(), [height, width]);
    await press("Turn by a quarter");
    const box = (await page.locator("canvas.picture").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.25);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.75);
    await page.mouse.up();
    const cropped = await read();
    assert.ok(Math.abs(cropped[0] - width / 2) < 4 && Math.abs(cropped[1] - height / 2) < 4, `${cropped} of ${width} x ${height}`);
    await page.keyboard.press("Escape");
  });

  test("a picture is dropped, pasted or photographed", async () => {
    for (const way of ["drop", "paste"] as const) {
      await give(way);
      await until(page, "the picture", shown);
      await read();
      if (way === "paste") { // another picture takes the place of the first
        await give(way);
        await until(page, "a dialog without a formula", () => document.querySelector("dialog canvas.picture:not([hidden])") && !document.querySelector("dialog .katex"));
        assert.equal(await page.locator("dialog").count(), 1);
      }
      await page.keyboard.press("Escape");
      await until(page, "the dialog is closed", () => !document.querySelector("dialog"));
    }
    await press("Read a picture");
    const camera = page.locator("input[type=file][capture=environment]");
    assert.equal(await camera.getAttribute("accept"), "image/*");
    await camera.setInputFiles(PICTURE);
    await until(page, "the picture", shown);
    await read();
    await page.locator("input[type=file]").first().setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no") });
    await until(page, "that it is none", () => document.querySelector("dialog .formula")?.textContent?.startsWith("This is not a picture"));
    await page.keyboard.press("Escape");
  });

  test("sends an API key when there is one, and says what the server says", async () => {
    answer = (one) => (one.authorization === "Bearer secret" ? usual(one) : [401, { error: { message: "no valid API key" } }]);
    await hands.stroke([[700, 400], [720, 430]]);
    await until(page, "that a key is needed", () => document.querySelector(".status")?.textContent?.includes("401: no valid API key"));
    await press("Settings");
    await page.getByLabel("API key, if the server asks for one").fill("secret");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await hands.stroke([[740, 400], [760, 430]]);
    await until(page, "it is read", () => document.querySelector(".status")?.textContent === "Read by the server");
    assert.equal(last().authorization, "Bearer secret");
    answer = () => [503, "no JSON that is known"];
    await hands.stroke([[780, 400], [800, 430]]);
    await until(page, "that it failed", () => document.querySelector(".status")?.textContent?.includes("503"));
  });

  test("asks nobody but its own server", () => assert.deepEqual(chrome.elsewhere, []));
});

/** The built page with a stand-in for the server's reading. */
async function standIn(read: (asked: Asked) => [number, unknown]): Promise<{ server: Server; address: string }> {
  const files = await host(join(root, "src/unimumer/serve/static"));
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", files.address);
    if (pathname !== "/v1/recognize") {
      const file = await fetch(new URL(pathname, files.address));
      response.writeHead(file.status, { "Content-Type": file.headers.get("Content-Type") ?? "" });
      return response.end(Buffer.from(await file.arrayBuffer()));
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { "content-type": type = "", authorization = "" } = request.headers;
    const [status, answer] = read({ type, authorization, beams: searchParams.get("beams"), body: Buffer.concat(parts) });
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  });
  server.on("close", () => files.server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}/` };
}
