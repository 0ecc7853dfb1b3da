// Draws an expression the way the model knows it: black on white, its symbols of one typical size.
import type { Placed } from "./clean.js";
import { extent } from "./extent.js";
import { median } from "./pixels.js";
import { paint } from "./raster.js";
import type { Stroke } from "./types.js";

const SYMBOL_SIZE = 48;
const MARGIN = 16;
const MAX_SIDE = 2000;
const MAX_COORDINATE = 1e9;

/** Ink that cannot be read: nothing drawn, or coordinates that no pen gives. */
export class InkError extends Error {}

/** How large somebody wrote: median of the larger sides of the strokes that are neither flat nor small, in their unit. */
export function typicalSize(strokes: readonly Stroke[]): number {
  const boxes = strokes.map(extent);
  const sides = boxes.map((box) => Math.max(box.right - box.left, box.bottom - box.top));
  const small = 0.4 * median(sides);
  const typical = sides.filter((side, i) => {
    const { left, top, right, bottom } = boxes[i];
    return right - left < 2 * (bottom - top) && side > small;
  });
  return median(typical.length ? typical : sides);
}

/** Draw strokes with a pen of 3 pixels. Throws InkError where there is nothing that can be drawn. */
export function draw(strokes: readonly Stroke[]): Placed {
  const points = usable(strokes);
  const all = extent(points.flat());
  const longest = Math.max(all.right - all.left, all.bottom - all.top);
  const size = SYMBOL_SIZE / (typicalSize(points) || longest || 1);
  const scale = Math.min(size, (MAX_SIDE - 2 * MARGIN - 2) / (longest || 1));
  const [x, y] = [MARGIN - all.left * scale, MARGIN - all.top * scale];
  const moved = points.map((stroke) => stroke.map(([px, py]) => [px * scale + x, py * scale + y]));
  const side = (from: number, to: number) => Math.ceil(to * scale - from * scale) + 2 * MARGIN + 1;
  return { picture: paint(moved, side(all.left, all.right), side(all.top, all.bottom)), scale, x, y };
}

/** Strokes in single precision, as the Python package keeps them. Throws InkError for what no pen draws. */
export function usable(strokes: readonly Stroke[]): Stroke[] {
  if (!strokes.length || strokes.some((stroke) => !stroke.length)) throw new InkError("no strokes to draw");
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => {
      if (!(Math.abs(x) <= MAX_COORDINATE && Math.abs(y) <= MAX_COORDINATE)) {
        throw new InkError("a coordinate is not a finite number of usable size");
      }
      return [Math.fround(x), Math.fround(y)];
    }),
  );
}
