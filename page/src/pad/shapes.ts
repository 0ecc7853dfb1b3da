// What the shapes of strokes mean on a pad: what an eraser meets, what a lasso holds, what a scribble strikes out.
import { extent } from "../recognizer/extent.js";
import type { Ink, PadStroke, Point } from "./ink.js";

type Place = readonly number[];

/** Whether a stroke comes within `reach` of the way from `from` to `to`. */
export function meets(stroke: PadStroke, from: Place, to: Place, reach: number): boolean {
  const { points } = stroke;
  if (points.length === 1) return apart(points[0], from, to) <= reach;
  return points.some((point, i) => i > 0 && between(points[i - 1], point, from, to) <= reach);
}

/** Whether most of a stroke lies inside a closed line. */
export function holds(line: readonly Place[], stroke: PadStroke): boolean {
  const inside = stroke.points.filter((point) => contains(line, point)).length;
  return inside > 0.6 * stroke.points.length;
}

const REVERSALS = 6;
const STRUCK = 0.7;

/** The strokes that a scribble strikes out: it goes to and fro at least six times, over most of each of them. */
export function struckOut(scribble: readonly Point[], ink: Ink): PadStroke[] {
  const box = extent(scribble);
  const sides = [box.right - box.left, box.bottom - box.top];
  const size = Math.max(...sides);
  const turns = sides.map((side, axis) => (side < 0.2 * size ? 0 : reversals(scribble.map((point) => point[axis]), 0.4 * side)));
  if (Math.max(...turns) < REVERSALS) return [];
  const slack = 0.1 * size;
  const covered = ([x, y]: Place) =>
    x >= box.left - slack && x <= box.right + slack && y >= box.top - slack && y <= box.bottom + slack;
  return ink.filter((stroke) => {
    const under = stroke.points.filter(covered);
    return under.length >= STRUCK * stroke.points.length && under.some((point) => scribble.some((at, i) => {
      return i > 0 && apart(point, scribble[i - 1], at) < 0.15 * size;
    }));
  });
}

/** How often values turn back by at least `least`. */
function reversals(values: readonly number[], least: number): number {
  let [extreme, way, count] = [values[0], 0, 0];
  for (const value of values) {
    if (way === 0 ? Math.abs(value - extreme) >= least : (value - extreme) * way <= -least) {
      if (way) count++;
      way = Math.sign(value - extreme);
      extreme = value;
    } else if ((value - extreme) * way > 0) extreme = value;
  }
  return count;
}

function contains(line: readonly Place[], [x, y]: Place): boolean {
  let inside = false;
  line.forEach(([ax, ay], i) => {
    const [bx, by] = line[(i + 1) % line.length];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

/** Distance of two pieces of line; 0 where they cross. */
function between(a: Place, b: Place, c: Place, d: Place): number {
  const side = (p: Place, q: Place, r: Place) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return 0;
  return Math.min(apart(a, c, d), apart(b, c, d), apart(c, a, b), apart(d, a, b));
}

/** Distance of a point from a piece of line. */
function apart([x, y]: Place, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const at = length ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / length, 0), 1) : 0;
  return Math.hypot(x - ax - at * dx, y - ay - at * dy);
}
