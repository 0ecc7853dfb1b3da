// The built page as `unimumer serve` gives it out, with its own reading: from the source, or from an installed wheel.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { browser, chromiumPath, Hands, until } from "./browser.js";
import { python, root } from "./model.js";
import { own } from "./site.js";

const KEY = "a-key-of-this-test";

describe("served", () => {
  /** `UNIMUMER` is the command of an installed package. */
  async function serve(): Promise<{ address: string; stop: () => Promise<void> }> {
    const [command, ...first] = process.env.UNIMUMER ? [process.env.UNIMUMER] : [python, "-c", "from unimumer.cli.main import main; main()"];
    const environment = { ...process.env, UNIMUMER_API_KEYS: KEY, ...(!process.env.UNIMUMER && { PYTHONPATH: join(root, "src") }) };
    const child = spawn(command, [...first, "serve", "--port", "0"], { env: environment, stdio: ["ignore", "ignore", "pipe"] });
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
    const said: string[] = [];
    const address = await new Promise<string>((resolve, reject) => {
      createInterface(child.stderr).on("line", (line) => {
        said.push(line);
        const found = /http:\/\/[\d.:]+/.exec(line);
        if (found) resolve(`${found[0]}/`);
      });
      void ended.then(() => reject(new Error(`the server did not start: ${said.join(" ")}`)));
    });
    return { address, stop: () => (child.kill("SIGTERM"), ended) };
  }

  test("the page is given out, and reads with a key", { skip: !chromiumPath && "there is no Chromium" }, async () => {
    const { address, stop } = await serve();
    const chrome = await browser(address);
    try {
      const page = await chrome.context.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      const answer = (await page.goto(address))!;
      assert.equal(answer.status(), 200);
      assert.match(answer.headers()["content-security-policy"], /script-src 'self';/);
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByLabel("API key, if the server asks for one").fill(KEY);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Escape");
      await (await Hands.on(page)).write(own("fraction"), { x: 300, y: 380, width: 400, height: 150 });
      await until(page, "it is read", () => document.querySelector<HTMLElement>(".line")?.dataset.latex === "\\frac { a + b } { 2 }", 60);
      await page.getByRole("button", { name: "Read a picture" }).click();
      await page.locator("input[type=file]").first().setInputFiles(join(root, "examples/sum.png"));
      await page.getByRole("button", { name: "Read it" }).click();
      await until(page, "the picture's formula", () => document.querySelector("dialog .formula")?.textContent !== "Reading …", 60);
      assert.match(await page.locator("dialog .formula").textContent() ?? "", /2\+3=5/);
      assert.deepEqual([chrome.elsewhere, problems], [[], []]);
    } finally {
      await chrome.close();
      await stop();
    }
  });

  test("an installed wheel has the page in it", { skip: !process.env.UNIMUMER && "no wheel is installed" }, async () => {
    const { address, stop } = await serve();
    try {
      const page = await (await fetch(address)).text();
      const names = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
      assert.ok(names.length >= 4);
      for (const name of names) assert.equal((await fetch(new URL(name, address))).status, 200, name);
    } finally {
      await stop();
    }
  });
});
