// Brings a clean drawing to the one scale that Nano sees: symbol size, stroke width, darkness, sides.
import { strokeWidth, type Placed } from "./clean.js";
import { bounds, components, cropped, disc, median, padded, resized, roundEven, spread, type Gray } from "./pixels.js";

/** Sides of a fitted picture are multiples of this: a patch of 14 pixels times the merge of 2. */
export const CELL = 28;
const INK = 160;
const THINNEST = 1.5;
const THICKEST = 3.2;
const BORDER = 2;
const MARGIN = 9;
/** Cells of the smallest picture. */
const LEAST = 4;

/** Median of the larger sides of the drawing's parts that are neither flat nor small, in pixels. */
export function symbolSize(clean: Gray): number {
  const { boxes } = components(clean, (value) => value < INK);
  const parts = boxes.slice(1);
  const side = parts.map((box) => Math.max(box.width, box.height));
  const small = 0.4 * median(side);
  const typical = side.filter((length, i) => parts[i].width < 2 * parts[i].height && length > small);
  return Math.max(median(typical.length ? typical : side), 4 * strokeWidth(clean));
}

/** The picture Nano sees: symbols of `symbol` pixels, or smaller so that it is at most `rows` x `columns` cells. */
export function fit(clean: Placed, symbol: number, rows: number, columns: number): Placed {
  const size = symbolSize(clean.picture);
  const [crop, left, top] = withoutBorder(clean.picture);
  const most = [rows * CELL, columns * CELL];
  const factor = Math.min(
    symbol / size,
    (most[0] - 2 * BORDER) / crop.height,
    (most[1] - 2 * BORDER) / crop.width,
  );
  const border = Math.ceil(BORDER / factor);
  const wide = padded(crop, border, border, border, border);
  const [inner, x, y] = withoutBorder(darkened(resampled(wide, factor)));
  const small = resized(inner, Math.min(inner.width, most[1] - 2), Math.min(inner.height, most[0] - 2));
  const cells = [small.width, small.height].map((side, i) => Math.min(Math.ceil((side + 2 * MARGIN) / CELL), [columns, rows][i]));
  const few = cells[0] * cells[1] < LEAST;
  const sides = cells.map((count) => CELL * (few ? Math.max(count, 2) : count));
  const [across, down] = [sides[0] - small.width, sides[1] - small.height];
  const before = [across >> 1, down >> 1];
  const picture = padded(small, before[1], across - before[0], down - before[1], before[0]);
  return {
    picture,
    scale: clean.scale * factor,
    x: (clean.x - left + border) * factor - x + before[0],
    y: (clean.y - top + border) * factor - y + before[1],
  };
}

function withoutBorder(picture: Gray): [Gray, number, number] {
  const box = bounds(picture, (value) => value <= 250) ?? { left: 0, top: 0, width: 1, height: 1 };
  return [cropped(picture, box), box.left, box.top];
}

/** Resample by `factor`; strokes come out `THINNEST` to `THICKEST` pixels wide. */
function resampled(clean: Gray, factor: number): Gray {
  const [width, height] = [clean.width, clean.height].map((side) => Math.max(1, roundEven(side * factor)));
  const stroke = strokeWidth(clean);
  const first = factor > 1 ? factor : Math.min(1, 3 * factor);
  const [w, h] = [clean.width, clean.height].map((side) => Math.max(1, roundEven(side * first)));
  const wanted = Math.min(Math.max(stroke * factor, THINNEST), THICKEST) / factor;
  const change = Math.max((wanted - stroke) * first, -0.4 * stroke * first);
  return resized(thickened(resized(clean, w, h), change), width, height);
}

/** Widen strokes by `change` pixels in all, thin them if negative; fractions mix two whole changes. */
function thickened(clean: Gray, change: number): Gray {
  if (Math.abs(change) < 0.05) return clean;
  const whole = Math.floor(Math.abs(change));
  const part = Math.abs(change) - whole;
  const [less, more] = [whole + 1, whole + 2].map((side) => spread(clean, disc(side), change < 0));
  const data = less.data.map((value, i) => roundEven(value * (1 - part) + more.data[i] * part));
  return { ...clean, data };
}

/** Stretch gray so that the darkest tenth of the ink is black; at most twofold. */
function darkened(clean: Gray): Gray {
  const counts = new Array<number>(INK).fill(0);
  for (const value of clean.data) if (value < INK) counts[value]++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return clean;
  let seen = 0;
  const darkest = counts.findIndex((count) => (seen += count) > 0.1 * total);
  const gain = Math.min(255 / (255 - darkest), 2);
  const data = clean.data.map((value) => Math.min(Math.max(255 - (255 - value) * gain + 0.5, 0), 255));
  return { ...clean, data };
}
