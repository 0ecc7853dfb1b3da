// The npm package in a form of somebody else's page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { browser, chromiumPath, Hands, host, until } from "./browser.js";
import { page as folder, root } from "./model.js";
import { own } from "./site.js";

const BOX = { x: 200, y: 330, width: 400, height: 150 };
const skip = !chromiumPath && "there is no Chromium";

const EMBEDDING = `<!doctype html><html lang="en"><title>A form</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval';
  worker-src 'self'; connect-src 'self'; style-src-attr 'unsafe-inline'">
<script type="module" src="package/math-pad.js"></script>
<form><math-pad name="formula" paper="squared" worker="package/worker.js" model="package/model/" style="height: 600px"></math-pad>
</form></html>`;
const OPTIONS = "--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --lib es2023,dom --types".split(" ");

describe("embedded", { skip }, () => {
  test("npm pack gives a package that a page can embed, with types", async () => {
    const place = mkdtempSync(join(tmpdir(), "embedding-"));
    const pack = ["pack", "--silent", "--pack-destination", place];
    const packed = execFileSync("npm", pack, { cwd: join(root, "build/math-pad") }).toString().trim();
    execFileSync("tar", ["xf", join(place, packed), "-C", place]);
    writeFileSync(join(place, "index.html"), EMBEDDING);
    const { types } = JSON.parse(readFileSync(join(place, "package/package.json"), "utf8")) as { types: string };
    assert.ok(existsSync(join(place, "package", types)));
    writeFileSync(join(place, "use.ts"), `import { LocalReader, type Recognition } from "./package/types/pad/index.js";
export const read = (): Promise<Recognition | null> => new LocalReader("worker.js", "model/").read([[[0, 0], [1, 1]]], 4);
document.querySelector("math-pad")?.undo();`);
    execFileSync(join(folder, "node_modules/.bin/tsc"), [...OPTIONS, "", "use.ts"], { cwd: place, stdio: "pipe" });
    const { server, address } = await host(place);
    const chrome = await browser(address);
    try {
      const page = await chrome.context.newPage();
      await page.goto(address);
      await page.evaluate(() => document.querySelector("math-pad")!.addEventListener("change", () => (document.body.id = "changed")));
      const hands = await Hands.on(page);
      const value = () => page.evaluate(() => new FormData(document.querySelector("form")!).get("formula"));
      assert.ok(!(await value()), "nothing before anything is written");
      await hands.write(own("fraction"), BOX);
      await until(page, "the form has LaTeX", () => document.querySelector("math-pad")!.value === "\\frac { a + b } { 2 }", 90);
      assert.equal(await value(), "\\frac { a + b } { 2 }");
      assert.equal(await page.evaluate(() => document.body.id), "changed");
      await page.evaluate(() => document.querySelector("form")!.reset());
      await until(page, "the form is empty again", () => document.querySelector("math-pad")!.value === "");
      assert.ok(!(await value()));
      assert.deepEqual(chrome.elsewhere, []);
    } finally {
      await chrome.close();
      server.close();
      rmSync(place, { recursive: true, force: true });
    }
  });
});
