// Takes specks off a drawing and crops it: the part of the Python package's cleaning that a drawing can need.
//
// A drawing is black ink on even white paper without printed lines. Uneven light, polarity and contrast, which the
// Python package judges first, leave it as it is: only what is paler than 20 of 255 goes.
import { blank, bounds, components, cropped, padded, resized, roundEven, type Box, type Gray } from "./pixels.js";

const WORK_SIDE = 1600;
const MARGIN = 4;
const FAINTEST = 20;
const PALE = 90;

/** A picture of ink: a point of the ink lies at `scale` times its place plus `x` and `y`, in pixels. */
export interface Placed {
  readonly picture: Gray;
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The drawing with a long side of at most `WORK_SIDE`, its specks gone, cropped to the ink; null without ink. */
export function clean({ picture: drawing, scale, x, y }: Placed): Placed | null {
  const factor = Math.min(1, WORK_SIDE / Math.max(drawing.width, drawing.height));
  const side = (length: number) => Math.max(1, roundEven(length * factor));
  const small = factor < 1 ? resized(drawing, side(drawing.width), side(drawing.height)) : drawing;
  const ink = blank(small.width, small.height, 0);
  small.data.forEach((value, i) => (ink.data[i] = 255 - value <= FAINTEST ? 0 : 255 - value));
  if (!bounds(ink, (value) => value > FAINTEST)) return null;
  const kept = withoutSpecks(ink);
  const box = bounds(kept, (value) => value > FAINTEST);
  if (!box) return null;
  const crop = cropped(kept, box);
  crop.data.forEach((value, i) => (crop.data[i] = 255 - value));
  const picture = padded(crop, MARGIN, MARGIN, MARGIN, MARGIN);
  return { picture, scale: scale * factor, x: x * factor + MARGIN - box.left, y: y * factor + MARGIN - box.top };
}

/** Mean width of the strokes in pixels: twice the ink's mass over its total variation; 0 without ink. */
export function strokeWidth({ width, height, data }: Gray): number {
  let variation = 0, mass = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      mass += 255 - data[i];
      if (x) variation += Math.abs(data[i] - data[i - 1]);
      if (y) variation += Math.abs(data[i] - data[i - width]);
    }
  }
  return variation ? (2 * mass) / (variation * (Math.PI / 4)) : 0;
}

function withoutSpecks(ink: Gray): Gray {
  const { labels, boxes } = components(ink, (value) => value > 50);
  const dark = new Array<number>(boxes.length).fill(0);
  const negative = blank(ink.width, ink.height);
  ink.data.forEach((value, i) => {
    if (value > 127) dark[labels[i]]++;
    negative.data[i] = 255 - value;
  });
  const least = Math.max(1, 0.4 * strokeWidth(negative) ** 2);
  const kept = boxes.map((_, label) => label > 0 && dark[label] >= least);
  for (const label of lonely(labels, boxes, kept, dark, ink.width)) kept[label] = false;
  const out = blank(ink.width, ink.height, 0);
  ink.data.forEach((value, i) => {
    if (!value || !(kept[labels[i]] || around(ink, i, 2, (place) => kept[labels[place]]))) return;
    if (value > PALE || around(ink, i, 3, (place) => ink.data[place] > 127)) out.data[i] = value;
  });
  return out;
}

/** Whether a place at most `reach` pixels away, in each direction, satisfies `test`. */
function around({ width, height }: Gray, at: number, reach: number, test: (place: number) => boolean): boolean {
  const x = at % width, y = (at - x) / width;
  for (let py = Math.max(y - reach, 0); py <= Math.min(y + reach, height - 1); py++) {
    for (let px = Math.max(x - reach, 0); px <= Math.min(x + reach, width - 1); px++) {
      if (test(py * width + px)) return true;
    }
  }
  return false;
}

/** Parts under a third of the typical size that are over two such sizes away from any larger part. */
function lonely(labels: Int32Array, boxes: Box[], kept: boolean[], dark: number[], width: number): number[] {
  const sides = boxes.map((box) => Math.max(box.width, box.height));
  const order = sides.map((_, label) => label).sort((a, b) => sides[a] - sides[b]);
  const total = order.reduce((sum, label) => sum + (kept[label] ? dark[label] : 0), 0);
  let mass = 0;
  const typical = order.find((label) => (mass += kept[label] ? dark[label] : 0) >= total / 2) ?? 0;
  const size = sides[typical];
  const small = order.filter((label) => kept[label] && sides[label] < size / 3);
  if (!small.length) return small;
  const large = kept.map((is, label) => is && !(sides[label] < size / 3));
  const gap = distances(labels, large, width);
  return small.filter((label) => {
    const { left, top, width: w, height: h } = boxes[label];
    return gap[(top + (h >> 1)) * width + left + (w >> 1)] > 2 * size;
  });
}

/** About how far each pixel is from the nearest of a part in `to`: two passes over 3 x 3 places (Borgefors, 1986). */
function distances(labels: Int32Array, to: boolean[], width: number): Float32Array {
  const [straight, slanted] = [0.955, 1.3693];
  const height = labels.length / width;
  const far = Float32Array.from(labels, (label) => (to[label] ? 0 : Infinity));
  const relax = (x: number, y: number, way: number) => {
    const at = y * width + x;
    let best = far[at];
    const look = (px: number, py: number, cost: number) => {
      if (px >= 0 && px < width && py >= 0 && py < height) best = Math.min(best, far[py * width + px] + cost);
    };
    look(x - way, y, straight);
    for (const dx of [-1, 0, 1]) look(x + dx, y - way, dx ? slanted : straight);
    far[at] = best;
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(x, y, 1);
  for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) relax(x, y, -1);
  return far;
}

