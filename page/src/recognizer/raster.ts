// Draws strokes as the Python package does, to the pixel: black lines of even width on white paper.
//
// The texts of a model follow the gray levels at the edges of strokes, so this draws what OpenCV's antialiased
// polylines draw: every segment is a convex quadrangle with a round cap at its end, its outline softened by a Gaussian
// of 0.53 pixels, on a sheet three times as large that is averaged down at the end. Coordinates are whole numbers of
// 65536ths of a pixel of that sheet.
import { blank, resized, roundEven, type Gray } from "./pixels.js";
import type { Stroke } from "./types.js";

const OVERSAMPLE = 3;
const ONE = 65536;
const HALF = ONE / 2;
/** Points are rounded to sixteenths of a pixel of the large sheet. */
const GRAIN = 16;

type Point = readonly [number, number];

/** Draw strokes whose points are pixels already on a white sheet, with a pen of 3 pixels. */
export function paint(strokes: readonly Stroke[], width: number, height: number): Gray {
  const sheet = blank(width * OVERSAMPLE, height * OVERSAMPLE);
  const fixed = (value: number) => roundEven(value * OVERSAMPLE * GRAIN) * (ONE / GRAIN);
  const lines = strokes.map((stroke) => stroke.map(([x, y]): Point => [fixed(x), fixed(y)]));
  for (const line of lines) for (let i = 1; i < line.length; i++) segment(sheet, line[i - 1], line[i], i === 1);
  for (const line of lines) if (line.every(([x, y]) => x === line[0][0] && y === line[0][1])) dot(sheet, line[0]);
  return resized(sheet, width, height);
}

/** Half the width of a line, and the radius of its round ends. */
const REACH = 4 * ONE;
const CAP = 3.5 * ONE;
const DOT = (86 / GRAIN) * ONE;

function segment(sheet: Gray, from: Point, to: Point, first: boolean): void {
  const [across, down] = [from[0] - to[0], to[1] - from[1]];
  const length = Math.hypot(across, down);
  if (length > 0) {
    const [dx, dy] = [roundEven((down * REACH) / length), roundEven((across * REACH) / length)];
    const corners: Point[] = [
      [from[0] + dx, from[1] + dy],
      [from[0] - dx, from[1] - dy],
      [to[0] - dx, to[1] - dy],
      [to[0] + dx, to[1] + dy],
    ];
    convex(sheet, corners);
  }
  if (first) round(sheet, from, CAP);
  round(sheet, to, CAP);
}

function dot(sheet: Gray, at: Point): void {
  round(sheet, at, DOT);
}

function round(sheet: Gray, [x, y]: Point, radius: number): void {
  const corners = Array.from({ length: 13 }, (_, i): Point => {
    const angle = (i * Math.PI) / 6;
    return [roundEven(x + radius * Math.cos(angle)), roundEven(y + radius * Math.sin(angle))];
  });
  convex(sheet, corners);
}

/** Fill a convex polygon and soften its outline. */
function convex(sheet: Gray, corners: readonly Point[]): void {
  corners.forEach((corner, i) => edge(sheet, corners[(i + corners.length - 1) % corners.length], corner));
  const rows = corners.map(([, y]) => Math.floor((y + HALF) / ONE));
  const top = corners.reduce((best, corner, i) => (corner[1] < corners[best][1] ? i : best), 0);
  const bottom = Math.min(Math.max(...rows), sheet.height - 1);
  const sides = [new Side(corners, rows, top, 1), new Side(corners, rows, top, corners.length - 1)];
  let unused = corners.length;
  for (let y = rows[top]; y <= bottom; y++) {
    if (y < bottom || y === rows[top]) for (const side of sides) unused = side.turn(y, unused);
    const [left, right] = sides[0].x > sides[1].x ? [sides[1], sides[0]] : sides;
    const begin = Math.max(Math.floor((left.x + ONE - 1) / ONE), 0);
    const end = Math.min(Math.floor(right.x / ONE), sheet.width - 1);
    if (y >= 0 && end >= begin) sheet.data.fill(0, y * sheet.width + begin, y * sheet.width + end + 1);
    for (const side of sides) side.x += side.slope;
  }
}

/** One side of a convex polygon, followed down from its top. */
class Side {
  x = -ONE;
  slope = 0;
  private corner: number;
  private end: number;

  constructor(
    private readonly corners: readonly Point[], private readonly rows: readonly number[], top: number,
    private readonly step: number,
  ) {
    this.corner = top;
    this.end = rows[top];
  }

  /** Go on with the next edge where this one ends; `unused` edges are left, and as many are returned. */
  turn(y: number, unused: number): number {
    if (y < this.end) return unused;
    let from = this.corner;
    while (unused-- > 0) {
      const to = (from + this.step) % this.corners.length;
      const rise = this.rows[to] - y;
      if (rise > 0) {
        this.end = this.rows[to];
        this.x = this.corners[from][0];
        this.slope = Math.trunc((2 * (this.corners[to][0] - this.x) + rise) / (2 * rise));
        this.corner = to;
        break;
      }
      from = to;
    }
    return Math.max(unused, 0);
  }
}

/** How dark a soft line is at a distance from its middle, in 32nds of a pixel, of 256. */
const SOFT = Array.from({ length: 64 }, (_, i) => Math.min(Math.round(254.5 * Math.exp(-((i - 15.5) ** 2) / 575)), 254));

/** A soft line from corner to corner, one pixel wide; slanted ones are as dark as level ones. */
function edge(sheet: Gray, from: Point, to: Point): void {
  const steep = Math.abs(to[0] - from[0]) <= Math.abs(to[1] - from[1]);
  const [along, beside] = steep ? [1, 0] : [0, 1];
  const span = to[along] - from[along];
  const [low, high] = span < 0 ? [to, from] : [from, to];
  const length = Math.abs(span);
  const slope = Math.trunc(((high[beside] - low[beside]) * ONE) / (length | 1));
  const end = high[along] + ONE;
  let count = Math.floor(end / ONE) - Math.floor(low[along] / ONE);
  let at = low[beside] + Math.floor((-slope * (low[along] & (ONE - 1))) / ONE) + HALF;
  const dark = endings(slope, (low[along] >> 9) & 0x78, (end >> 9) & 0x78);
  for (let place = low[along] >> 16, step = 0; count >= 0; place++, at += slope, step++, count--) {
    const strength = dark[Math.min(step, 2) * 3 + Math.min(count, 2)];
    const base = Math.floor(at / ONE) - 1;
    const part = (at >> 11) & 31;
    const soft = (offset: number, reach: number) => {
      const depth = ((strength * SOFT[reach]) >> 8) & 0xff;
      if (steep) darken(sheet, base + offset, place, depth);
      else darken(sheet, place, base + offset, depth);
    };
    soft(0, part + 32), soft(1, part), soft(2, 63 - part);
  }
}

/** Strength of a line by how many pixels, at most two, lie before (times 3) and behind a place. */
function endings(slope: number, from: number, to: number): number[] {
  const raw = (slope >> 11) & 0x3f;
  const steepness = slope < 0 ? raw ^ 0x3f : raw;
  const full = steepness & 0x20 ? 256 : Math.floor(181 * Math.sqrt(1 + (steepness / 32) ** 2) + 0.5);
  const part = (amount: number) => ((amount * full) >> 8) & 0x1ff;
  const [begin, end] = [(0x78 - from) | 4, to | 4];
  return [
    0, part(((to - from) & 0x78) | 4), part(begin),
    part(((to - from) & 0x78) | 4), part((to - from + 0x80) | 4), part(begin + 128),
    part(end), part(end + 128), full,
  ];
}

function darken(sheet: Gray, x: number, y: number, strength: number): void {
  if (x < 0 || y < 0 || x >= sheet.width || y >= sheet.height) return;
  const at = y * sheet.width + x;
  let value = sheet.data[at];
  value += (-value * strength + 127) >> 8;
  value += (-value * strength + 127) >> 8;
  sheet.data[at] = value;
}
