// Takes one stroke out of a fitted picture, so that what the model misses tells what the stroke was.
import type { Placed } from "./clean.js";
import type { Gray } from "./pixels.js";
import type { Stroke } from "./types.js";

const REACH = 3;

/** The picture without one of its strokes; where others cross it, their ink stays. */
export function erased(placed: Placed, strokes: readonly Stroke[], stroke: number): Gray {
  const { width, height } = placed.picture;
  const gone = new Uint8Array(width * height);
  const kept = new Uint8Array(width * height);
  strokes.forEach((points, i) => (i === stroke ? mark(gone, placed, points, REACH) : mark(kept, placed, points, 2)));
  const data = placed.picture.data.map((value, i) => (gone[i] && !kept[i] ? 255 : value));
  return { width, height, data };
}

/** Set every pixel that is at most `reach` from a stroke. */
function mark(mask: Uint8Array, { picture, scale, x, y }: Placed, stroke: Stroke, reach: number): void {
  const at = stroke.map(([px, py]) => [px * scale + x, py * scale + y]);
  at.forEach(([px, py], i) => {
    const [qx, qy] = at[Math.max(i - 1, 0)];
    const steps = Math.ceil(Math.hypot(px - qx, py - qy)) + 1;
    for (let k = 0; k <= steps; k++) disc(mask, picture, qx + ((px - qx) * k) / steps, qy + ((py - qy) * k) / steps, reach);
  });
}

function disc(mask: Uint8Array, { width, height }: Gray, x: number, y: number, reach: number): void {
  for (let py = Math.max(Math.ceil(y - reach), 0); py <= Math.min(y + reach, height - 1); py++) {
    for (let px = Math.max(Math.ceil(x - reach), 0); px <= Math.min(x + reach, width - 1); px++) {
      if (Math.hypot(px - x, py - y) <= reach) mask[py * width + px] = 1;
    }
  }
}
