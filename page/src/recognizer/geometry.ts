// Patches and rotary angles of Qwen2.5-VL for one picture, as the Python package's `engines/geometry.py` has them.
//
// Sources: Qwen2-VL (2024), section 2.1, for positions in time, row and column.
import { CELL } from "./fit.js";
import type { Gray } from "./pixels.js";

const MERGE = 2;
const PATCH = CELL / MERGE;

/** Rows and columns of cells. */
export type Grid = readonly [number, number];

/** Rotary angles as the models take them. */
export interface Turns {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Patches [4 * cells, 196] of a picture, paper 0 and ink -1, the four of a cell side by side. */
export function patches({ width, height, data }: Gray): Float32Array {
  const out = new Float32Array(width * height);
  let at = 0;
  for (const [row, column] of places([height / CELL, width / CELL])) {
    for (let y = row * PATCH; y < (row + 1) * PATCH; y++) {
      for (let x = column * PATCH; x < (column + 1) * PATCH; x++) {
        out[at++] = Math.fround(data[y * width + x] / 255) - 1;
      }
    }
  }
  return out;
}

/** Row and column of every patch, in the order of `patches`. */
function* places([rows, columns]: Grid): Generator<readonly [number, number]> {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < MERGE * MERGE; i++) yield [row * MERGE + (i >> 1), column * MERGE + (i & 1)];
    }
  }
}

/** Turns [4 * cells, 4 * quarter] of a picture's patches. */
export function patchTurns(grid: Grid, quarter: number): Turns {
  const angles: number[] = [];
  for (const place of places(grid)) {
    const half = place.flatMap((at) => Array.from({ length: quarter }, (_, i) => at * 10000 ** (-i / quarter)));
    angles.push(...half, ...half);
  }
  return turns(angles);
}

/** Turns [positions, 2 * half] of places in a conversation: each frequency turns with time, row or column. */
export function textTurns(positions: readonly (readonly number[])[], sections: readonly number[], theta: number): Turns {
  const axis = sections.flatMap((count, which) => new Array<number>(count).fill(which));
  const angles: number[] = [];
  for (const position of positions) {
    const half = axis.map((which, i) => position[which] * theta ** (-i / axis.length));
    angles.push(...half, ...half);
  }
  return turns(angles);
}

/** Time, row and column of each token that follows `before` others: the picture's cells, then `after` tokens. */
export function positionsAfter(before: number, [rows, columns]: Grid, after: number): number[][] {
  const cells = Array.from({ length: rows * columns }, (_, i) => {
    return [before, before + Math.floor(i / columns), before + (i % columns)];
  });
  const words = Array.from({ length: after }, (_, i) => new Array<number>(3).fill(before + Math.max(rows, columns) + i));
  return [...cells, ...words];
}

function turns(angles: number[]): Turns {
  const single = Float32Array.from(angles);
  return { cos: single.map(Math.cos), sin: single.map(Math.sin) };
}
