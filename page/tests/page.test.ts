// What the page decides without a browser: lines, what stays of a reading, scribbles, links.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PadStroke, Point } from "../src/pad/ink.js";
import { holds, meets, struckOut } from "../src/pad/shapes.js";
import type { Recognition } from "../src/recognizer/types.js";
import { lines } from "../src/site/lines.js";
import { aligned, edited, replaced, settled, without } from "../src/site/settle.js";

const stroke = (id: number, ...points: [number, number][]): PadStroke => ({
  id, points: points.map(([x, y]): Point => [x, y, 0.5]),
});
const box = (id: number, x: number, y: number, w: number, h: number) => stroke(id, [x, y], [x + w, y + h]);
const ids = (ink: PadStroke[][]) => ink.map((line) => line.map(({ id }) => id));

function recognition(latex: string, ...others: string[]): Recognition {
  const alternatives = others.map((other) => ({ latex: other, confidence: 0.3 }));
  return { latex, confidence: 0.6, alternatives, well_formed: true, complete: true, model: "test" };
}

test("lines are told apart by the gap between them; a fraction is one line", () => {
  assert.deepEqual(ids(lines([box(1, 0, 0, 40, 40), box(2, 0, 90, 40, 40), box(3, 60, 5, 40, 40)])), [[1, 3], [2]]);
  assert.deepEqual(ids(lines([box(1, 20, 0, 40, 40), box(2, 0, 80, 120, 2), box(3, 20, 120, 40, 40)])), [[1, 2, 3]]);
  assert.deepEqual(lines([]), []);
});

test("a reading that goes on from what is shown is preferred to one that does not", () => {
  const shown = settled(null, recognition("x + 1"), false);
  assert.deepEqual(settled(shown, recognition("X + 1 2", "x + 1 2"), true).tokens.join(" "), "x + 1 2");
  assert.deepEqual(settled(shown, recognition("X + 1 2", "x + 1 2"), false).tokens.join(" "), "X + 1 2");
});

test("what is kept stays, whatever is read later", () => {
  const shown = replaced(settled(null, recognition("x + 1"), false), 0, "\\chi", [1, 2]);
  assert.deepEqual([...shown.kept], [[0, [1, 2]]]);
  const chosen = settled(shown, recognition("x + 1 2", "\\chi + 1 2"), true);
  assert.equal(chosen.tokens.join(" "), "\\chi + 1 2");
  const mended = settled(shown, recognition("x ^ { 2 } + 1"), true);
  assert.equal(mended.tokens.join(" "), "\\chi ^ { 2 } + 1");
  assert.deepEqual([...mended.kept], [[0, [1, 2]]]);
  assert.equal(without(mended, new Set([1])).kept.size, 0);
  const again = settled(mended, recognition("\\frac { x ^ { 2 } + 1 } { 2 }"), true);
  assert.equal(again.tokens.join(" "), "\\frac { \\chi ^ { 2 } + 1 } { 2 }");
});

test("what somebody has typed is kept, and only that", () => {
  const shown = edited(settled(null, recognition("x ^ { 2 } + l"), false), "x^{2}+1");
  assert.equal(shown.tokens.join(" "), "x ^ { 2 } + 1");
  assert.deepEqual([...shown.kept.keys()], [6]);
  assert.equal(settled(shown, recognition("x ^ { 2 } + l = 3"), true).tokens.join(" "), "x ^ { 2 } + 1 = 3");
});

test("alignment keeps what is equal", () => {
  assert.deepEqual(aligned(["a", "+", "b"], ["a", "+", "c", "b"]), [0, 1, 3]);
  assert.deepEqual(aligned(["a", "b"], ["b"]), [-1, 0]);
});

test("a scribble strikes out what lies under it, writing does not", () => {
  const ink = [box(1, 0, 0, 30, 30), box(2, 100, 0, 30, 30)];
  const zigzag = Array.from({ length: 81 }, (_, i): Point => [Math.abs((i % 20) - 10) * 4 - 5, i * 0.4, 0.5]);
  assert.deepEqual(struckOut(zigzag, ink).map(({ id }) => id), [1]);
  const wave = Array.from({ length: 40 }, (_, i): Point => [i, 15 + 10 * Math.sin(i / 3), 0.5]);
  assert.deepEqual(struckOut(wave, ink), []);
});

test("the eraser meets what it crosses, the lasso holds what it surrounds", () => {
  assert.ok(meets(box(1, 0, 0, 10, 10), [10, 0], [0, 10], 1));
  assert.ok(!meets(box(1, 0, 0, 10, 10), [20, 0], [20, 10], 5));
  const lasso = [[-5, -5], [15, -5], [15, 15], [-5, 15]];
  assert.ok(holds(lasso, box(1, 0, 0, 10, 10)));
  assert.ok(!holds(lasso, box(1, 12, 12, 10, 10)));
});
