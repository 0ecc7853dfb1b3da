// LaTeX as the page sees it, and the search for repeated tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, symbolPlaces, tokenize, wellFormed } from "../src/recognizer/latex.js";
import { loopAtEnd, mostProbable } from "../src/recognizer/search.js";

test("well-formed expressions", () => {
  const good = ["x", "x ^ { 2 }", "\\frac { a } { b }", "\\sqrt [ 3 ] { x }", "\\lim \\limits _ { n }", "[ 0 , 1 )", "x _ i ^ 2",
    "\\left ( x \\right .", "\\begin{matrix} a & b \\\\ c & d \\end{matrix}", "\\frac 1 2", "\\sqrt \\frac { 1 } { 2 }"];
  const bad = ["", "x ^", "{ x", "x }", "\\frac { a }", "x ^ 2 ^ 3", "\\sqrt [ 3 { x }", "\\left ( x", "\\begin{matrix} a",
    "\\", "\\frac { a } _ { b }", "a & b", "x \\right )"];
  for (const text of good) assert.ok(wellFormed(text), text);
  for (const text of bad) assert.ok(!wellFormed(text), text);
});

test("hostile text is judged in linear time", () => {
  const started = performance.now();
  assert.ok(!wellFormed("{".repeat(100_000)));
  assert.ok(!wellFormed("\\frac".repeat(50_000)));
  assert.ok(!wellFormed("x^".repeat(50_000)));
  assert.ok(performance.now() - started < 2000);
});

test("the first well-formed reading counts", () => {
  assert.equal(choose(["x ^", "x", "y"]), 1);
  assert.equal(choose(["x ^", "{"]), 0);
});

test("symbols are what somebody wrote", () => {
  const tokens = tokenize("\\frac{x_1}{\\sqrt{2}}");
  assert.deepEqual(symbolPlaces(tokens).map((i) => tokens[i]), ["\\frac", "x", "1", "\\sqrt", "2"]);
});

test("a loop is seen after 20 repeats and 80 tokens, and cut to its first unit", () => {
  const loop = [7, 8, ...Array.from({ length: 80 }, (_, i) => i % 4)];
  assert.equal(loopAtEnd(loop), 2 + 4);
  assert.equal(loopAtEnd(loop.slice(0, -1)), 0);
  assert.equal(loopAtEnd(Array.from({ length: 200 }, (_, i) => i)), 0);
});

test("most probable tokens, the first of equal ones first", () => {
  assert.deepEqual(mostProbable(Float32Array.from([1, 3, 2, 3]), 3), [1, 3, 2]);
});
