// Tells the lines of a sheet apart: each is a formula of its own.
import type { PadStroke } from "../pad/ink.js";
import { extent, type Extent } from "../recognizer/extent.js";
import { median } from "../recognizer/pixels.js";

/** A gap of so many typical strokes parts two lines, */
const GAP = 0.75;
/** and beside a bar, which belongs to what is above and below it, so many. */
const BAR_GAP = 1.3;

/** The strokes of every line, in the order of reading; strokes keep their order within a line. */
export function lines(ink: readonly PadStroke[]): PadStroke[][] {
  if (!ink.length) return [];
  const boxes = new Map(ink.map((stroke) => [stroke, extent(stroke.points)]));
  const box = (stroke: PadStroke) => boxes.get(stroke) as Extent;
  const sides = ink.map((stroke) => larger(box(stroke))).filter((side) => side > 0);
  const size = sides.length ? median(sides) : 1;
  const groups: { members: Set<PadStroke>; bottom: number; bar: boolean }[] = [];
  for (const stroke of [...ink].sort((a, b) => box(a).top - box(b).top)) {
    const { top, bottom } = box(stroke);
    const last = groups[groups.length - 1];
    const bar = isBar(box(stroke), size);
    if (last && top - last.bottom <= (bar || last.bar ? BAR_GAP : GAP) * size) {
      last.members.add(stroke);
      if (bottom >= last.bottom) (last.bottom = bottom), (last.bar = bar);
    } else groups.push({ members: new Set([stroke]), bottom, bar });
  }
  return groups.map(({ members }) => ink.filter((stroke) => members.has(stroke)));
}

function isBar(box: Extent, size: number): boolean {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  return width > 1.5 * size && width > 4 * height;
}

const larger = (box: Extent) => Math.max(box.right - box.left, box.bottom - box.top);
