// The page, built as a static site, in a real Chromium with true pen, mouse and touch events.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Server } from "node:http";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { Stroke } from "../src/recognizer/types.js";
import { browser, chromiumPath, Hands, host, until, type Browser } from "./browser.js";
import { archive, expected, page as folder, root } from "./model.js";

const OWN = JSON.parse(readFileSync(join(folder, "tests/own-ink.json"), "utf8")) as { name: string; strokes: Stroke[]; latex: string }[];
const own = (name: string) => OWN.find((sample) => sample.name === name)!;
const BOX = { x: 300, y: 300, width: 500, height: 200 };
const AXE = readFileSync(createRequire(join(folder, "package.json")).resolve("axe-core/axe.min.js"), "utf8");

describe("site", { skip: !chromiumPath && "there is no Chromium" }, () => {
  let server: Server, home: string, asked: string[], chrome: Browser, page: Page, hands: Hands;
  const complaints: string[] = [];

  before(async () => {
    ({ server, address: home, asked } = await host(join(root, "build/site")));
    chrome = await browser(home);
    page = await chrome.context.newPage();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    hands = await Hands.on(page);
    await open();
  });
  after(async () => {
    await chrome?.close();
    server?.close();
  });
  beforeEach(async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate(async () => {
      document.querySelectorAll("dialog").forEach((box) => box.close());
      document.querySelectorAll<HTMLElement>("[popover]:popover-open").forEach((menu) => menu.hidePopover());
    });
    if (await strokes()) await button("New sheet; this one goes to the history");
    await button("Pen");
    await pause("an empty sheet", () => !document.querySelector(".line"));
  });

  const open = async (address = home) => {
    await page.goto(address);
    await until(page, "the model is there", () => document.querySelector(".status")?.textContent === "Read on this device", 60);
  };
  const button = (label: string) => page.getByRole("button", { name: label, exact: true }).click();
  const pause = (what: string, ask: () => unknown) => until(page, what, ask);
  const strokes = () => page.evaluate(() => document.querySelector("math-pad")!.ink.length);
  const latex = (line = 0) => page.evaluate((i) => document.querySelectorAll<HTMLElement>(".line")[i]?.dataset.latex ?? "", line);
  const reads = async (text: string, line = 0, seconds = 30) => {
    for (const end = Date.now() + seconds * 1000; (await latex(line)) !== text;) {
      assert.ok(Date.now() < end, `not read: ${text}, but ${await latex(line)}`);
      await page.waitForTimeout(50);
    }
  };
  const write = (name: string, box = BOX) => hands.write(own(name).strokes, box);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const axe = async (where: string) => {
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 90)} ${failureSummary}`).join(" | ")}`);
    });
    assert.deepEqual(found, [], where);
  };

  test("reads while it is written, at once", async () => {
    await page.evaluate(() => {
      const times: number[] = ((window as unknown as { times: number[] }).times = []);
      let since = 0;
      document.querySelector("math-pad")!.addEventListener("ink", (event) => {
        if ((event as CustomEvent).detail.settled) since = performance.now();
      });
      new MutationObserver(() => {
        if (since && document.querySelector<HTMLElement>(".line")?.dataset.read) times.push(performance.now() - since), (since = 0);
      }).observe(document.querySelector(".results")!, { subtree: true, attributes: true, attributeFilter: ["data-read"] });
    });
    await hands.write(own("x^2+1=5").strokes, BOX, "pen", 700);
    await reads("x ^ { 2 } + 1 = 5");
    const times = (await page.evaluate(() => (window as unknown as { times: number[] }).times)).sort((a, b) => a - b);
    console.log(`shown after a stroke's end: median ${Math.round(times[times.length >> 1])} ms, most ${Math.round(times[times.length - 1])} ms, n ${times.length}`);
    assert.ok(times.length >= 3);
  });

  test("undo, redo, eraser, scratch-out and lasso", async () => {
    await write("fraction");
    await reads("\\frac { a + b } { 2 }");
    const all = await strokes();
    await button("Undo");
    assert.equal(await strokes(), all - 1);
    await button("Redo");
    assert.equal(await strokes(), all);
    await page.keyboard.press("Control+z");
    assert.equal(await strokes(), all - 1);
    await page.keyboard.press("Control+Shift+z");
    const two = hands.placed(own("fraction").strokes, BOX)[all - 1];
    const [xs, ys] = [two.map(([x]) => x), two.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const zigzag = Array.from({ length: 60 }, (_, i) => [i % 8 < 4 ? left - 5 + ((i % 8) * (right - left + 10)) / 4 : right + 5 - ((i % 8) - 4) * (right - left + 10) / 4, top + (i * (bottom - top)) / 60]);
    await hands.stroke(zigzag);
    assert.equal(await strokes(), all - 1, "a scribble strikes out what lies under it");
    await button("Undo");
    await button("Eraser");
    await hands.stroke([[left - 20, (top + bottom) / 2], [right + 20, (top + bottom) / 2]]);
    assert.equal(await strokes(), all - 1, "the eraser takes whole strokes");
    await button("Undo");
    await button("Select with a lasso");
    await hands.stroke([[left - 20, top - 10], [right + 20, top - 10], [right + 20, bottom + 20], [left - 20, bottom + 20], [left - 20, top - 10]]);
    const before = await page.evaluate(() => document.querySelector("math-pad")!.ink.at(-1)!.points[0]);
    await hands.stroke([[(left + right) / 2, (top + bottom) / 2], [(left + right) / 2 + 30, (top + bottom) / 2 + 10]]);
    const moved = await page.evaluate(() => document.querySelector("math-pad")!.ink.at(-1)!.points[0]);
    assert.deepEqual([Math.round(moved[0] - before[0]), Math.round(moved[1] - before[1])], [30, 10]);
    await button("Delete what is selected");
    assert.equal(await strokes(), all - 1);
  });

  test("a mouse and a finger write; a palm does not, nor a finger once a pen was there", async () => {
    await page.evaluate(() => document.querySelector("math-pad")!.removeAttribute("pen-only"));
    const line = [[400, 400], [420, 420], [440, 400]];
    await hands.stroke(line, "mouse");
    assert.equal(await strokes(), 1);
    await hands.finger(line, 8);
    assert.equal(await strokes(), 2);
    await hands.finger(line, 50);
    assert.equal(await strokes(), 2, "a palm is wide");
    await hands.stroke(line, "pen");
    assert.equal(await strokes(), 3);
    const at = await page.evaluate(() => document.querySelector("math-pad")!.screen(0, 0));
    await hands.finger([[600, 500], [620, 510]], 8);
    assert.equal(await strokes(), 3, "fingers move the paper now");
    const then = await page.evaluate(() => document.querySelector("math-pad")!.screen(0, 0));
    assert.deepEqual([then[0] - at[0], then[1] - at[1]], [20, 10]);
    assert.ok(await page.evaluate(() => document.querySelector("math-pad")!.hasAttribute("pen-only")));
  });

  test("a symbol is clicked, its ink lights up, another reading is chosen and kept", async () => {
    await write("root");
    await reads("\\sqrt { x + y }");
    await page.locator(".katex-html [data-t]", { hasText: /^x$/ }).last().click();
    const menu = page.locator(".menu:popover-open");
    await pause("its ink lights up", () => document.querySelector("math-pad")!.lights.size > 0);
    assert.deepEqual(await page.evaluate(() => {
      const pad = document.querySelector("math-pad")!;
      return pad.ink.flatMap(({ id }, i) => (pad.lights.has(id) ? [i] : []));
    }), [1, 2], "the two strokes of x");
    await menu.getByRole("button", { name: "X", exact: true }).click();
    await reads("\\sqrt { X + y }");
    await write("sub", { x: 830, y: 350, width: 300, height: 60 });
    await pause("it goes on", () => (document.querySelector<HTMLElement>(".line")?.dataset.read ?? "").length > 20);
    assert.match(await latex(), /X/);
    assert.doesNotMatch(await latex(), /x/);
  });

  test("a formula is edited in place; hostile LaTeX is text", async () => {
    await write("root");
    await reads("\\sqrt { x + y }");
    const edit = async (text: string) => {
      await button("Edit the formula");
      await page.waitForSelector("math-field");
      await page.evaluate((value) => ((document.querySelector("math-field") as unknown as { value: string }).value = value), text);
      await button("Done");
    };
    await edit("\\sqrt{x+z}");
    assert.equal(await latex(), "\\sqrt { x + z }");
    for (const hostile of ["\\href{javascript:alert(1)}{x}", "\\def\\a{\\a\\a}\\a", "</script><img src=x onerror=alert(1)>", "\\includegraphics{http://example.com/x.png}"]) {
      await edit(hostile);
      assert.equal(await page.locator(".results a, .results img, .results script").count(), 0, hostile);
    }
    // The editor says so itself where it refuses an address.
    assert.deepEqual(complaints.splice(0).filter((text) => !text.includes("Invalid URL")), []);
    await page.goto(`${home}#ink=AAAA`);
    await page.waitForTimeout(200);
  });

  test("copies in every format, and a link that brings the ink back", async () => {
    await write("brackets");
    await reads("( a + b ) ^ { 2 }");
    await button("Copy");
    await pause("a word that it is done", () => document.querySelector(".toast")?.textContent === "Copied: LaTeX");
    assert.equal(await clipboard(), "(a+b)^{2}");
    const expected: [string, RegExp][] = [["LaTeX, $…$", /^\$\(a\+b\)\^\{2\}\$$/], ["MathML, for Word", /^<math.*<\/math>$/s], ["Typst", /\^\(2\)$/], ["Unicode text", /²$/]];
    for (const [name, text] of expected) {
      await button("Copy as …");
      await button(name);
      await page.waitForTimeout(100);
      assert.match(await clipboard(), text);
    }
    await button("Copy as …");
    const [svg] = await Promise.all([page.waitForEvent("download"), button("Picture, SVG")]);
    const picture = readFileSync(await svg.path(), "utf8");
    assert.match(picture, /^<svg .*@font-face.*<text /s);
    await button("Copy as …");
    const [inkml] = await Promise.all([page.waitForEvent("download"), button("Ink, InkML")]);
    assert.equal((readFileSync(await inkml.path(), "utf8").match(/<trace /g) ?? []).length, own("brackets").strokes.length);
    await button("Copy as …");
    await button("Copy a link to this ink");
    await page.waitForTimeout(200);
    const link = await clipboard();
    await button("New sheet; this one goes to the history");
    await open(link);
    await page.reload();
    await reads("( a + b ) ^ { 2 }");
  });

  test("several lines are several formulas; the history brings them back", async () => {
    await write("fraction", { x: 300, y: 300, width: 260, height: 150 });
    await write("brackets", { x: 300, y: 560, width: 260, height: 90 });
    await reads("\\frac { a + b } { 2 }", 0);
    await reads("( a + b ) ^ { 2 }", 1);
    await button("New sheet; this one goes to the history");
    assert.equal(await strokes(), 0);
    await button("History");
    await page.getByRole("searchbox").fill("frac");
    await page.locator(".past-open").first().click();
    await reads("( a + b ) ^ { 2 }", 1);
  });

  test("nothing is lost when the page is loaded again in the middle of a stroke", async () => {
    await write("fraction");
    const all = await strokes();
    await hands.begin([[800, 400], [810, 410], [820, 420]]);
    await page.waitForTimeout(300);
    await hands.begin([[830, 430], [840, 440]]);
    await page.waitForTimeout(200);
    await open();
    assert.equal(await strokes(), all + 1);
  });

  test("the keyboard alone reaches everything", async () => {
    await write("root");
    await reads("\\sqrt { x + y }");
    await page.waitForTimeout(1500);
    await page.locator(".formula").focus();
    for (let i = 0; i < 2; i++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.locator(".menu:popover-open").waitFor();
    await page.getByLabel("Something else, in LaTeX").fill("\\chi");
    await page.keyboard.press("Enter");
    await reads("\\sqrt { \\chi + y }");
    const seen = new Set<string>();
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
    }
    for (const name of ["Copy", "Copy as …", "Edit the formula", "History", "Settings", "Pen", "Undo"]) assert.ok(seen.has(name), name);
  });

  test("axe finds nothing, in light and dark, empty and written, in every dialog", async () => {
    await page.emulateMedia({ reducedMotion: "reduce" }); // nothing is judged halfway
    await axe("empty");
    await write("root");
    await reads("\\sqrt { x + y }");
    await page.waitForTimeout(1500);
    await axe("written");
    await page.emulateMedia({ colorScheme: "dark" });
    await pause("all is dark", () => getComputedStyle(document.querySelector(".primary")!).backgroundColor === "rgb(147, 171, 255)");
    await axe("dark");
    await button("Settings");
    await page.waitForTimeout(300);
    await axe("settings");
    await page.keyboard.press("Escape");
    await button("History");
    await page.waitForTimeout(300);
    await axe("history");
    await page.keyboard.press("Escape");
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
  });

  test("from 320 pixels to 4K nothing sticks out", async () => {
    await write("sub");
    for (const [width, height] of [[320, 568], [390, 844], [768, 1024], [1280, 800], [3840, 2160]]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(100);
      const [w, h] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
      assert.ok(w <= width && h <= height, `${width} x ${height}: ${w} x ${h}`);
      assert.ok(await page.getByRole("button", { name: "Undo", exact: true }).isVisible());
    }
  });

  test("looks as the README shows it", async () => {
    const shots = join(root, process.env.SHOTS ? "docs" : "build/shots");
    mkdirSync(shots, { recursive: true });
    const shoot = async (name: string) => {
      await page.waitForTimeout(600);
      const picture = await page.screenshot({ path: join(shots, `page-${name}.png`) });
      assert.ok(picture.length < 150_000, `${name}: ${picture.length} bytes`);
    };
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
    await page.setViewportSize({ width: 1120, height: 760 });
    await write("integral", { x: 360, y: 310, width: 420, height: 110 });
    await write("fraction", { x: 360, y: 520, width: 300, height: 120 });
    await reads("\\int x ^ { 2 } d x", 0);
    await reads("\\frac { a + b } { 2 }", 1);
    await pause("alternatives", () => document.querySelectorAll(".line[data-beams]").length === 2);
    await page.locator(".line").nth(1).locator(".katex-html [data-t]", { hasText: /^b$/ }).last().click();
    await page.locator(".choices button").nth(2).waitFor();
    await pause("the ink of the symbol is lit", () => document.querySelector("math-pad")!.lights.size > 0);
    await shoot("desktop");
    await page.keyboard.press("Escape");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 760 });
    await page.evaluate(() => (document.querySelector("math-pad")!.fit(), document.querySelector<HTMLElement>(".results")!.scrollTo(0, 0)));
    await shoot("phone");
    await button("New sheet; this one goes to the history");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForTimeout(2500);
    await shoot("empty");
  });

  const crohme = archive("crohme-2011-2013.tar.xz");
  test("CROHME 2013, replayed as pen events, is read as Python reads the same ink", { skip: !crohme }, async () => {
    await button("Settings");
    await page.getByRole("switch", { name: "Read several lines as several formulas" }).uncheck();
    await page.keyboard.press("Escape");
    const inks: Stroke[][] = [];
    const texts: string[] = [];
    for (const { strokes: ink } of expected("--archive", crohme!, "--prefix", "crohme2013", "--most", "6")) {
      await hands.write(ink, { x: 200, y: 300, width: 980, height: 440 });
      await pause("it is read", () => document.querySelector<HTMLElement>(".line")?.dataset.read);
      inks.push(await page.evaluate(() => document.querySelector("math-pad")!.ink.map(({ points }) => points.map(([x, y]) => [x, y]))));
      await pause("beams have been searched", () => document.querySelector<HTMLElement>(".line")?.hasAttribute("data-beams"));
      texts.push(await page.evaluate(() => document.querySelector<HTMLElement>(".line")!.dataset.read!));
      await button("New sheet; this one goes to the history");
      await pause("an empty sheet", () => !document.querySelector(".line"));
    }
    await button("Settings");
    await page.getByRole("switch", { name: "Read several lines as several formulas" }).check();
    await page.keyboard.press("Escape");
    const file = join(root, "build/replayed.json");
    mkdirSync(join(root, "build"), { recursive: true });
    writeFileSync(file, JSON.stringify(inks));
    const wanted = expected("--strokes", file, "--beams", "4").map((sample) => sample.latex);
    const same = wanted.filter((text, i) => text === texts[i]).length;
    console.log(`${same} of ${wanted.length} texts equal`);
    assert.ok(same >= wanted.length - 1, JSON.stringify(wanted.map((text, i) => [text, texts[i]])));
  });

  test("works without a network after the first visit", async () => {
    const packs = asked.filter((name) => name.endsWith(".pack"));
    assert.equal(packs.length, 3, `the model comes once: ${packs}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await open();
    await write("fraction");
    await reads("\\frac { a + b } { 2 }");
    await button("Edit the formula");
    await page.waitForSelector("math-field");
    await button("Cancel");
  });

  test("nothing was asked of anybody else, and nothing was refused or failed", () => {
    assert.deepEqual(chrome.elsewhere, []);
    assert.deepEqual(complaints, []);
  });
});
