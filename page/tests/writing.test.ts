// Writing: pens, fingers, mice and palms; undo, erasers, lasso; zoom and pan; keyboard, left hand, nothing lost.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { chromiumPath } from "./browser.js";
import { BOX, own, Site } from "./site.js";

describe("writing", { skip: !chromiumPath && "there is no Chromium" }, () => {
  let site: Site;
  before(async () => (site = await Site.open()));
  after(() => site?.close());
  beforeEach(() => site.fresh());

  /** The box of strokes on the screen: left, right, top, bottom. */
  const around = (strokes: readonly (readonly (readonly number[])[])[]) => {
    const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
    return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  };
  const lasso = ([left, right, top, bottom]: number[]) =>
    [[left - 14, top - 12], [right + 14, top - 12], [right + 14, bottom + 12], [left - 14, bottom + 12], [left - 14, top - 12]];
  const first = (i: number) => site.page.evaluate((n) => document.querySelector("math-pad")!.ink.at(n)!.points[0], i);

  test("undo, redo, eraser and scratch-out", async () => {
    await site.write("fraction");
    await site.reads("\\frac { a + b } { 2 }");
    const all = await site.count();
    const counts = async (way: string, count: number) => assert.equal(await site.count(), count, way);
    await site.press("Undo");
    await counts("undo", all - 1);
    await site.press("Redo");
    await counts("redo", all);
    await site.page.keyboard.press("Control+z");
    await counts("control Z", all - 1);
    await site.page.keyboard.press("Control+Shift+z");
    const [left, right, top, bottom] = around([site.hands.placed(own("fraction"), BOX)[all - 1]]);
    const zigzag = Array.from({ length: 60 }, (_, i) => {
      const way = i % 8 < 4 ? (i % 8) / 4 : 2 - (i % 8) / 4;
      return [left - 5 + way * (right - left + 10), top + (i * (bottom - top)) / 60];
    });
    await site.hands.stroke(zigzag);
    await counts("a scribble strikes out what lies under it", all - 1);
    await site.press("Undo");
    await site.press("Eraser");
    await site.hands.stroke([[left - 20, (top + bottom) / 2], [right + 20, (top + bottom) / 2]]);
    await counts("the eraser takes whole strokes", all - 1);
    await site.press("Undo");
    await counts("erased ink comes back", all);
  });

  test("what the lasso holds is moved and deleted, in one step each, and the reading follows", async () => {
    await site.write("fraction");
    await site.reads("\\frac { a + b } { 2 }");
    const all = await site.count();
    const placed = site.hands.placed(own("fraction"), BOX);
    const box = around(placed);
    await site.press("Select with a lasso");
    assert.ok(await site.page.getByRole("button", { name: "Delete what is selected" }).isHidden());
    await site.hands.stroke(lasso(box));
    const before = [await first(0), await first(-1)];
    const [x, y] = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
    await site.hands.stroke([[x, y], [x + 10, y], [x + 30, y + 10]]);
    const moved = [await first(0), await first(-1)];
    assert.deepEqual(moved.map((point, i) => [0, 1].map((axis) => Math.round(point[axis] - before[i][axis]))), [[30, 10], [30, 10]]);
    await site.reads("\\frac { a + b } { 2 }");
    await site.press("Undo");
    assert.deepEqual(await first(0), before[0]);
    await site.press("Pen"); // which lets go of what is selected
    await site.press("Select with a lasso");
    await site.hands.stroke(lasso(around([placed[all - 1]])));
    await site.press("Delete what is selected");
    assert.equal(await site.count(), all - 1);
    await site.wait("a reading without the two", () => !/2/.test(document.querySelector<HTMLElement>(".line")?.dataset.latex ?? "2"));
  });

  test("a mouse and a finger write; a palm does not, nor a finger once a pen was there", async () => {
    await site.page.evaluate(() => document.querySelector("math-pad")!.removeAttribute("pen-only"));
    const line = [[400, 400], [420, 420], [440, 400]];
    await site.hands.stroke(line, "mouse");
    assert.equal(await site.count(), 1);
    await site.hands.finger(line, 8);
    assert.equal(await site.count(), 2);
    await site.hands.finger(line, 50);
    assert.equal(await site.count(), 2, "a palm is wide");
    await site.hands.stroke(line, "pen");
    assert.equal(await site.count(), 3);
    const at = await site.screen();
    await site.hands.finger([[600, 500], [620, 510]], 8);
    assert.equal(await site.count(), 3, "fingers move the paper now");
    const then = await site.screen();
    assert.deepEqual([then[0] - at[0], then[1] - at[1]], [20, 10]);
    await site.press("Settings");
    const only = site.page.getByRole("switch", { name: "Fingers move the paper, only a pen writes" });
    assert.ok(await only.isChecked(), "seen in the settings");
    await only.uncheck();
    await site.page.keyboard.press("Escape");
    await site.hands.finger(line, 8);
    assert.equal(await site.count(), 4, "and taken back there");
  });

  test("zoom and pan by wheel, fingers, buttons and keys; ink stays where it is on the paper", async () => {
    await site.page.evaluate(() => document.querySelector("math-pad")!.removeAttribute("pen-only"));
    await site.hands.stroke([[500, 500], [540, 540]], "mouse");
    const point = await first(0);
    const scale = async () => {
      const [[x], [ax]] = [await site.screen(0, 0), await site.screen(100, 0)];
      return Math.round(ax - x) / 100;
    };
    const soon = async (wanted: number, how: string) => {
      for (let i = 0; i < 40 && (await scale()) !== wanted; i++) await site.page.waitForTimeout(50);
      assert.equal(await scale(), wanted, how);
    };
    await site.page.mouse.move(500, 500);
    await site.page.mouse.wheel(30, 50);
    await site.page.waitForTimeout(200);
    assert.deepEqual((await site.screen(point[0], point[1])).map(Math.round), [470, 450]);
    await site.press("Closer");
    await soon(1.25, "a button");
    await site.press("Farther");
    await soon(1, "the other");
    await site.hands.fingers([[[600, 600], [560, 600]], [[700, 600], [740, 600]]]);
    await soon(1.8, "two fingers");
    await site.page.locator("math-pad").locator("canvas").focus();
    await site.page.keyboard.press("-");
    await soon(1.44, "a key");
    await site.press("Show everything");
    await soon(1, "everything is in view");
    assert.deepEqual(await first(0), point);
    assert.equal(await site.count(), 1, "nothing was written by that");
  });

  test("the left hand has the tools on its other side, and this is remembered", async () => {
    const middle = (selector: string) => site.page.evaluate((name) => {
      const { left, right } = document.querySelector(name)!.getBoundingClientRect();
      return (left + right) / 2;
    }, selector);
    assert.ok(await middle(".toolbar") < 640);
    assert.ok(await middle(".taking") > 640);
    await site.set((page) => page.getByRole("radio", { name: "Left hand" }).check());
    assert.ok(await middle(".toolbar") > 640);
    assert.ok(await middle(".taking") < 640);
    await site.goto();
    assert.ok(await middle(".toolbar") > 640);
    await site.page.setViewportSize({ width: 390, height: 760 });
    assert.ok(await middle(".taking") < 195);
    await site.page.setViewportSize({ width: 1280, height: 800 });
    await site.set((page) => page.getByRole("radio", { name: "Right hand" }).check());
  });

  test("who wants less motion sees none", async () => {
    // A busy browser may still show what lasts a millisecond.
    const moving = () => site.page.evaluate(() => document.getAnimations()
      .filter(({ effect, playState }) => playState === "running" && Number(effect?.getTiming().duration) > 1)
      .map(({ effect }) => (effect as KeyframeEffect).target?.className));
    await site.page.emulateMedia({ reducedMotion: "no-preference" });
    await site.goto();
    assert.ok((await moving()).length, "the example writes itself");
    await site.page.emulateMedia({ reducedMotion: "reduce" });
    await site.goto();
    await site.page.waitForTimeout(100);
    assert.deepEqual(await moving(), []);
    assert.ok(await site.page.locator(".invitation path").last().isVisible());
    await site.press("Settings");
    await site.page.waitForTimeout(100);
    assert.deepEqual(await moving(), []);
    await site.page.emulateMedia({ reducedMotion: "no-preference" });
  });

  test("nothing is lost when the page is loaded again in the middle of a stroke", async () => {
    await site.write("fraction");
    const all = await site.count();
    await site.hands.begin([[800, 400], [810, 410], [820, 420]]);
    await site.page.waitForTimeout(400);
    await site.hands.begin([[830, 430], [840, 440]]);
    await site.page.waitForTimeout(400);
    await site.goto();
    assert.equal(await site.count(), all + 1);
  });

  test("the keyboard alone reaches everything", async () => {
    await site.write("root");
    await site.reads("\\sqrt { x + y }");
    await site.wait("symbols are known", () => document.querySelector(".line[data-beams]"));
    await site.page.locator(".results .formula").focus();
    for (let i = 0; i < 2; i++) await site.page.keyboard.press("ArrowRight");
    await site.page.keyboard.press("Enter");
    await site.page.locator(".menu:popover-open").waitFor();
    await site.page.getByLabel("Something else, in LaTeX").fill("\\chi");
    await site.page.keyboard.press("Enter");
    await site.reads("\\sqrt { \\chi + y }");
    const seen = new Set<string>();
    for (let i = 0; i < 25; i++) {
      await site.page.keyboard.press("Tab");
      seen.add(await site.page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
    }
    for (const name of ["Copy", "Copy as …", "Edit the formula", "History", "Settings", "Pen", "Undo"]) assert.ok(seen.has(name), name);
  });

  test("nothing was asked of anybody else, and nothing was refused or failed", () => {
    assert.deepEqual(site.chrome.elsewhere, []);
    assert.deepEqual(site.complaints, []);
  });
});
