// Tells taps far away from the writing, as a palm leaves them, from dots that belong to it; see `ink/stray.py`.
import { InkError } from "./drawing.js";
import { extent, type Extent } from "./extent.js";
import { median } from "./pixels.js";
import type { Stroke } from "./types.js";

const FAR = 3.5;
const TAP = 0.15;

/** Indices of the strokes that are to be recognized: all but stray taps. Throws InkError for a single point. */
export function withoutStrays(strokes: readonly Stroke[]): number[] {
  const boxes = strokes.map(extent);
  const sides = boxes.map((box) => Math.max(box.right - box.left, box.bottom - box.top));
  const all = extent(strokes.flat());
  if (all.right === all.left && all.bottom === all.top) throw new InkError("a single point is no expression");
  const places = strokes.map((_, i) => i);
  const written = sides.filter((side) => side > 0);
  if (!written.length) return places;
  const size = median(written);
  const near = new Set(places.filter((i) => sides[i] > TAP * size));
  for (let grown = -1; grown !== near.size;) {
    grown = near.size;
    for (const i of places) if (![...near].every((j) => gap(boxes[i], boxes[j]) > FAR * size)) near.add(i);
  }
  return places.filter((i) => near.has(i));
}

/** The larger of the gaps between two boxes; 0 where they overlap. */
function gap(a: Extent, b: Extent): number {
  return Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom, 0);
}
