// What is copied, in every language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, mathml, written, type Format } from "../src/site/formats.js";

const as = (format: Format, ...latex: string[]) => written(latex, format);

test("LaTeX in its four dresses", () => {
  assert.equal(compact("\\frac { a } { b } = \\alpha x _ { 1 }"), "\\frac{a}{b}=\\alpha x_{1}");
  assert.equal(as("inline", "x = 1", "y"), "$x=1$\n$y$");
  assert.equal(as("display", "x"), "\\[x\\]");
  assert.equal(as("aligned", "x = 1", "\\frac { y = 1 } { 2 } \\leq 2"),
    "\\begin{aligned}\nx &=1 \\\\\n\\frac{y=1}{2} &\\leq2\n\\end{aligned}");
});

test("Typst, in which nothing may run", () => {
  assert.equal(as("typst", "\\frac { 1 0 } { x _ { 1 } ^ { 2 } }"), "frac(10, x_(1)^(2))");
  assert.equal(as("typst", "\\sqrt [ 3 ] { x } \\neq \\infty"), "root(3, x) != infinity");
  assert.equal(as("typst", "a \\# b \\& \\eval"), 'a \\# b \\& "eval"');
});

test("AsciiMath", () => {
  assert.equal(as("asciimath", "\\lim \\limits _ { n \\rightarrow \\infty } \\frac { 1 } { n }"), "lim_(n -> oo) (1)/(n)");
});

test("Unicode", () => {
  assert.equal(as("unicode", "x ^ { 2 } + y _ { 1 } = \\frac { a + b } { 2 }"), "x² + y₁ = (a + b)/2");
  assert.equal(as("unicode", "\\sqrt { \\alpha } \\leq 3"), "√α ≤ 3");
  assert.equal(as("unicode", "x ^ { a Q }"), "x^(aQ)");
});

test("MathML of its own namespace, with hostile text in it as text", () => {
  const head = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">';
  assert.ok(mathml("x ^ { 2 }").startsWith(`${head}<mrow><msup><mi>x</mi><mn>2</mn></msup>`));
  const hostile = mathml("\\text{<img src=x onerror=alert(1)>} \\href{javascript:alert(1)}{x}");
  assert.doesNotMatch(hostile, /<img|<a |href=/);
});
