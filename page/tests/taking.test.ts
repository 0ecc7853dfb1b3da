// Taking away: copies in every format, downloads, links, the history and its search.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { chromiumPath } from "./browser.js";
import { root, unimumer } from "./model.js";
import { own, Site } from "./site.js";

const FRACTION = "\\frac { a + b } { 2 }", SQUARE = "( a + b ) ^ { 2 }";

describe("taking away", { skip: !chromiumPath && "there is no Chromium" }, () => {
  let site: Site;
  before(async () => (site = await Site.open()));
  after(() => site?.close());
  beforeEach(() => site.fresh());

  const two = async () => {
    await site.write("fraction", { x: 300, y: 340, width: 260, height: 150 });
    await site.write("brackets", { x: 300, y: 620, width: 260, height: 90 });
    await site.reads(FRACTION, 0);
    await site.reads(SQUARE, 1);
  };
  const download = async (label: string, name = "") => {
    const [file] = await Promise.all([site.page.waitForEvent("download"), site.take(label)]);
    if (name) await file.saveAs(name);
    return readFileSync(await file.path());
  };

  test("copies in every format", async () => {
    await two();
    await site.press("Copy");
    await site.wait("a word that it is done", () => document.querySelector(".toast")?.textContent === "Copied: LaTeX");
    assert.equal(await site.clipboard(), "\\frac{a+b}{2}\n(a+b)^{2}");
    const expected: [string, string | RegExp][] = [
      ["LaTeX, $…$", "$\\frac{a+b}{2}$\n$(a+b)^{2}$"],
      ["LaTeX, display", "\\[\\frac{a+b}{2}\\]\n\\[(a+b)^{2}\\]"],
      ["LaTeX, aligned lines", "\\begin{aligned}\n\\frac{a+b}{2} \\\\\n(a+b)^{2}\n\\end{aligned}"],
      ["MathML, for Word", /^<math[^>]*>.*<mfrac>.*<\/math>\n<math.*<msup>.*<\/math>$/s],
      ["Typst", "frac(a + b, 2)\n( a + b )^(2)"],
      ["AsciiMath", "(a + b)/(2)\n( a + b )^(2)"],
      ["Unicode text", "(a + b)/2\n(a + b)²"],
    ];
    for (const [name, text] of expected) {
      await site.take(name);
      await site.page.waitForTimeout(200);
      if (typeof text === "string") assert.equal(await site.clipboard(), text, name);
      else assert.match(await site.clipboard(), text, name);
    }
  });

  test("a picture is copied as PNG, black on white, with every symbol", async () => {
    await site.write("fraction");
    await site.reads(FRACTION);
    await site.take("Picture, PNG");
    await site.wait("a word that it is done", () => document.querySelector(".toast")?.textContent === "Copied: Picture, PNG");
    const rows = await site.page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const picture = await createImageBitmap(await item.getType("image/png"));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
      context.drawImage(picture, 0, 0);
      const { data, width } = context.getImageData(0, 0, picture.width, picture.height);
      return Array.from({ length: picture.height }, (_, y) => {
        const row = data.subarray(4 * y * width, 4 * (y + 1) * width);
        return row.reduce((count, value, i) => count + (i % 4 === 0 && value < 128 ? 1 : 0), 0) / width;
      });
    });
    const ink = rows.map((part, y) => (part > 0 ? y : -1)).filter((y) => y >= 0);
    const bar = rows.findIndex((part) => part > 0.6);
    assert.ok(rows.length > 300, "four times as large as on the screen");
    assert.ok(Math.abs(ink[0] - (rows.length - 1 - ink.at(-1)!)) < 0.12 * rows.length, "as much white above as below");
    assert.ok(bar > 0.3 * rows.length && bar < 0.7 * rows.length, "a bar in the middle");
    assert.ok(ink.some((y) => y < bar - 40) && ink.some((y) => y > bar + 40), "and something above and below it");
  });

  test("downloads: SVG with its fonts, PNG, and InkML with a truth for each line", async () => {
    await two();
    assert.match((await download("SVG picture")).toString(), /^<svg .*@font-face.*<text /s);
    const ink = (await download("InkML")).toString();
    assert.equal((ink.match(/<trace /g) ?? []).length, own("brackets").length + own("fraction").length);
    assert.deepEqual([...ink.matchAll(/<traceGroup[^>]*>\s*<annotation type="truth">(.*?)</g)].map(([, text]) => text),
      ["$\\frac{a+b}{2}$", "$(a+b)^{2}$"]);
  });

  test("the InkML of one formula has its truth, and the package reads it", async () => {
    await site.write("root");
    await site.reads("\\sqrt { x + y }");
    const file = join(root, "build/formula.inkml");
    assert.match((await download("InkML", file)).toString(), /<\/traceFormat>\s*<annotation type="truth">\$\\sqrt\{x\+y\}\$</);
    assert.match(unimumer("recognize", file), /\\sqrt\{x\+y\}/);
  });

  test("a link brings the ink back, in another window too, and asks nothing of the server", async () => {
    await site.write("brackets");
    await site.reads(SQUARE);
    await site.take("Copy a link to this ink");
    await site.page.waitForTimeout(300);
    const link = await site.clipboard();
    assert.match(link, /#ink=[\w-]{50,4000}$/);
    await site.fresh();
    await site.goto(link);
    await site.page.reload();
    await site.reads(SQUARE);
    assert.equal(await site.count(), own("brackets").length);
    assert.ok(!site.asked.some((name) => name.includes("ink=")));
    await site.goto(`${site.home}#ink=AAAA`);
    await site.page.waitForTimeout(300);
    assert.equal(await site.count(), own("brackets").length, "a damaged link changes nothing");
  });

  test("the history has finished sheets, finds them by their LaTeX and forgets them", async () => {
    await two();
    await site.fresh();
    await site.write("integral");
    await site.reads("\\int x ^ { 2 } d x");
    await site.fresh();
    const found = () => site.page.locator(".past-open").count();
    await site.press("History");
    await site.wait("a list", () => document.querySelector(".past li"));
    const all = await found();
    await site.page.getByRole("searchbox").fill("\\int x^");
    assert.equal(await found(), 1);
    await site.page.getByRole("searchbox").fill("\\frac { a");
    const fractions = await found();
    assert.ok(fractions >= 1 && fractions < all);
    await site.page.getByRole("searchbox").fill("\\oint");
    assert.equal(await site.page.locator(".past").textContent(), "Nothing in the history has that.");
    await site.page.getByRole("searchbox").fill("\\int x^");
    await site.press("Delete \\int x ^ { 2 } d x from the history");
    await site.wait("it is gone", () => !document.querySelector(".past-open"));
    await site.page.getByRole("searchbox").fill("frac");
    await site.page.locator(".past-open").first().click();
    await site.reads(FRACTION, 0);
    await site.reads(SQUARE, 1);
  });

  test("nothing was asked of anybody else, and nothing was refused or failed", () => {
    assert.deepEqual(site.chrome.elsewhere, []);
    assert.deepEqual(site.complaints, []);
  });
});
