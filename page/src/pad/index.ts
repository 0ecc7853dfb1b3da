// Defines `<math-pad>`, and gives the recognizer to those who want it alone.
import { MathPad } from "./math-pad.js";

export { LocalReader, ServerReader } from "../recognizer/reader.js";
export type { Reader, Reading, Recognition, Stroke, SymbolInk } from "../recognizer/reader.js";
export type { Ink, PadStroke, Point } from "./ink.js";
export type { InkChange } from "./math-pad.js";
export { MathPad };

declare global {
  interface HTMLElementTagNameMap {
    "math-pad": MathPad;
  }
}

if (!customElements.get("math-pad")) customElements.define("math-pad", MathPad);
