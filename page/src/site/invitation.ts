// What an empty sheet shows: a formula that writes itself, and how to begin.
import { h } from "./dom.js";
import { texts } from "./texts.js";

/** x² + 1, drawn by us; each stroke writes itself after the one before. */
const STROKES = [
  "M12 34c10-10 16-6 20 8 5 18 8 30 20 26 5-2 8-6 10-10", "M62 32C50 34 30 64 12 68",
  "M70 18c2-12 20-12 19 0-1 10-12 14-18 20 8-2 12 2 19-1", "M112 50h38", "M131 32v37", "M182 30c6-2 10-6 13-12-2 20-3 34-2 50",
];

export function invitation(): HTMLElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 210 84");
  svg.setAttribute("aria-hidden", "true");
  STROKES.forEach((d, i) => {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    path.setAttribute("pathLength", "1");
    path.classList.add(`stroke-${i}`);
    svg.append(path);
  });
  return h("div", { class: "invitation" }, svg, h("p", { class: "lead" }, texts.invite), h("p", {}, texts.inviteHow));
}
