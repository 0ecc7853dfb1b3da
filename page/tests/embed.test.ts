// The npm package in a page of somebody else's, and the page as the server gives it out.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Stroke } from "../src/recognizer/types.js";
import { browser, chromiumPath, Hands, host, until } from "./browser.js";
import { page as folder, root } from "./model.js";

const OWN = JSON.parse(readFileSync(join(folder, "tests/own-ink.json"), "utf8")) as { name: string; strokes: Stroke[] }[];
const own = (name: string) => OWN.find((sample) => sample.name === name)!.strokes;
const BOX = { x: 200, y: 330, width: 400, height: 150 };
const skip = !chromiumPath && "there is no Chromium";

const EMBEDDING = `<!doctype html><html lang="en"><title>A form</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src-attr 'unsafe-inline'">
<script type="module" src="package/math-pad.js"></script>
<form><math-pad name="formula" paper="squared" worker="package/worker.js" model="package/model/" style="height: 600px"></math-pad></form></html>`;

describe("embedded", { skip }, () => {
  test("npm pack gives a package that a page can embed, with types", async () => {
    const place = mkdtempSync(join(tmpdir(), "embedding-"));
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", place], { cwd: join(root, "build/math-pad") }).toString().trim();
    execFileSync("tar", ["xf", join(place, packed), "-C", place]);
    writeFileSync(join(place, "index.html"), EMBEDDING);
    const { types } = JSON.parse(readFileSync(join(place, "package/package.json"), "utf8")) as { types: string };
    assert.ok(existsSync(join(place, "package", types)));
    writeFileSync(join(place, "use.ts"), `import { LocalReader, type Recognition } from "./package/types/pad/index.js";
export const read = (): Promise<Recognition | null> => new LocalReader("worker.js", "model/").read([[[0, 0], [1, 1]]], 4);
document.querySelector("math-pad")?.undo();`);
    execFileSync(join(folder, "node_modules/.bin/tsc"), ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom", "--types", "", "use.ts"], { cwd: place, stdio: "pipe" });
    const { server, address } = await host(place);
    const chrome = await browser(address);
    try {
      const page = await chrome.context.newPage();
      await page.goto(address);
      await page.evaluate(() => document.querySelector("math-pad")!.addEventListener("change", () => document.body.setAttribute("data-changed", "")));
      await (await Hands.on(page)).write(own("fraction"), BOX);
      await until(page, "the form has LaTeX", () => new FormData(document.querySelector("form")!).get("formula") === "\\frac { a + b } { 2 }", 60);
      assert.ok(await page.evaluate(() => document.body.hasAttribute("data-changed")));
      assert.deepEqual(chrome.elsewhere, []);
    } finally {
      await chrome.close();
      server.close();
      rmSync(place, { recursive: true, force: true });
    }
  });

  test("the server's page sends strokes and pictures to /v1/recognize, and says when that fails", async () => {
    const bodies: { type: string; body: Buffer }[] = [];
    let status = 200;
    const answer = { latex: "x ^ { 2 }", confidence: 0.7, alternatives: [{ latex: "X ^ { 2 }", confidence: 0.2 }], well_formed: true, complete: true, model: "test" };
    const { server, address } = await standIn(async (type, body) => {
      bodies.push({ type, body });
      return [status, JSON.stringify(answer)];
    });
    const chrome = await browser(address);
    try {
      const page = await chrome.context.newPage();
      await page.goto(address);
      await (await Hands.on(page)).write(own("fraction").slice(0, 2), BOX);
      await until(page, "the server's answer", () => document.querySelector<HTMLElement>(".line")?.dataset.latex === "x ^ { 2 }");
      const last = () => JSON.parse(bodies.at(-1)!.body.toString()) as { strokes: number[][][] };
      for (let i = 0; i < 100 && last().strokes.length < 2; i++) await page.waitForTimeout(100);
      const sent = last();
      assert.ok(sent.strokes.length >= 2); // a busy browser may lift the pen in the middle of one
      assert.ok(sent.strokes.flat().every((point) => point.length === 2));
      await page.getByRole("button", { name: "Read a picture" }).click();
      await page.locator("input[type=file]").first().setInputFiles(join(root, "examples/sum.png"));
      await page.getByRole("button", { name: "Turn by a quarter" }).click();
      await page.getByRole("button", { name: "Read it" }).click();
      await until(page, "the picture's formula", () => !!document.querySelector("dialog .katex"));
      assert.equal(bodies.at(-1)!.type, "image/png");
      assert.equal(bodies.at(-1)!.body.subarray(1, 4).toString(), "PNG");
      await page.keyboard.press("Escape");
      status = 503;
      await (await Hands.on(page)).stroke([[700, 400], [720, 430]]);
      await until(page, "that it failed", () => document.querySelector(".status")?.textContent?.includes("503"));
      assert.deepEqual(chrome.elsewhere, []);
    } finally {
      await chrome.close();
      server.close();
    }
  });
});

/** The built page with a stand-in for the server's reading. */
async function standIn(read: (type: string, body: Buffer) => Promise<[number, string]>): Promise<{ server: Server; address: string }> {
  const files = await host(join(root, "src/unimumer/serve/static"));
  const server = createServer(async (request, response) => {
    if (request.url !== "/v1/recognize") {
      const file = await fetch(new URL(request.url ?? "/", files.address));
      return response.writeHead(file.status, { "Content-Type": file.headers.get("Content-Type") ?? "" }).end(Buffer.from(await file.arrayBuffer()));
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const [status, body] = await read(request.headers["content-type"] ?? "", Buffer.concat(parts));
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  });
  server.on("close", () => files.server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}/` };
}
