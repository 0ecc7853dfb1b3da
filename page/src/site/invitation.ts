// What an empty sheet shows: a formula that writes itself on the paper and then stands above it in type.
import { drawing, h } from "./dom.js";
import { show } from "./show.js";
import { texts } from "./texts.js";

const LATEX = "e ^ { i \\pi } + 1 = 0";
/** The same in strokes, drawn by us, on a baseline 66 units below the top; and how long each is, roughly. */
const STROKES: readonly [string, number][] = [
  ["M13 52c14 1 26-5 26-14 0-7-7-11-14-8-11 5-15 17-12 26 3 11 19 12 30 2", 1.5],
  ["M52 20c-2 5-3 9-2 13 1 3 5 2 8-2", 0.6], ["M55 10v1", 0.2],
  ["M66 19c5-4 10-3 15-3h8", 0.6], ["M73 17c0 7-2 12-5 16", 0.5], ["M83 16c-1 6-2 12-1 15 1 3 5 2 7-1", 0.6],
  ["M106 45h33", 0.7], ["M122 28v34", 0.7],
  ["M159 33c6-3 10-7 13-12-2 17-3 30-2 45", 1.1],
  ["M194 39h32", 0.7], ["M193 53h32", 0.7],
  ["M262 22c-12-2-20 11-20 23 0 13 6 21 15 21 12 0 19-11 19-24 0-11-6-19-14-20", 1.7],
];
const SECONDS_A_UNIT = 0.22;

/** On the paper: strokes that write themselves, and how to begin. */
export function invitation(): HTMLElement {
  const svg = drawing("0 0 288 80", STROKES.map(([d]) => d));
  let begin = 0.4;
  svg.querySelectorAll("path").forEach((path, i) => {
    const length = STROKES[i][1];
    path.setAttribute("pathLength", "1");
    path.style.animationDelay = `${begin.toFixed(2)}s`;
    path.style.animationDuration = `${(length * SECONDS_A_UNIT).toFixed(2)}s`;
    begin += (length + 0.25) * SECONDS_A_UNIT;
  });
  return h("div", { class: "invitation" }, svg, h("p", { class: "lead" }, texts.invite), h("p", {}, texts.inviteHow));
}

/** Where results will be: what becomes of the strokes. */
export function example(): HTMLElement {
  const formula = h("div", { class: "formula", "aria-hidden": "true" });
  show(formula, LATEX);
  return h("div", { class: "here" }, formula, h("p", {}, texts.resultHere));
}
