// Crops a drawing to its ink: all of what the Python package does to ink before it is fitted (`imaging.drawn`, `cropped`).
import { blank, bounds, cropped, padded, type Gray } from "./pixels.js";

const MARGIN = 4;
const FAINTEST = 20;

/** A picture of ink: a point of the ink lies at `scale` times its place plus `x` and `y`, in pixels. */
export interface Placed {
  readonly picture: Gray;
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The drawing without what is paler than a stroke, cropped; null without ink. */
export function clean({ picture, scale, x, y }: Placed): Placed | null {
  const ink = blank(picture.width, picture.height);
  picture.data.forEach((value, i) => (ink.data[i] = 255 - value > FAINTEST ? value : 255));
  const box = bounds(ink, (value) => value < 255);
  if (!box) return null;
  const crop = padded(cropped(ink, box), MARGIN, MARGIN, MARGIN, MARGIN);
  return { picture: crop, scale, x: x + MARGIN - box.left, y: y + MARGIN - box.top };
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
