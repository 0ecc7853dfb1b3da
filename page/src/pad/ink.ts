// The ink of a pad: strokes, and every state they have been in.

/** `[x, y, pressure]`; pressure is 0 to 1, and 0.5 where the device does not tell. */
export type Point = readonly [number, number, number];

export interface PadStroke {
  readonly id: number;
  readonly points: readonly Point[];
}

export type Ink = readonly PadStroke[];

const MOST_STATES = 500;

/** Ink that can be undone: states are never changed, only replaced. */
export class History {
  private past: Ink[] = [];
  private future: Ink[] = [];
  private last = 0;

  constructor(public ink: Ink = []) {
    this.restore(ink);
  }

  /** Take up ink from elsewhere; there is nothing to undo then. */
  restore(ink: Ink): void {
    this.ink = ink;
    this.last = Math.max(0, ...ink.map((stroke) => stroke.id));
    this.past = [];
    this.future = [];
  }

  change(ink: Ink): void {
    this.past.push(this.ink);
    if (this.past.length > MOST_STATES) this.past.shift();
    this.future = [];
    this.ink = ink;
  }

  stroke(points: readonly Point[]): PadStroke {
    return { id: ++this.last, points };
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(): boolean {
    return this.travel(this.past, this.future);
  }

  redo(): boolean {
    return this.travel(this.future, this.past);
  }

  private travel(from: Ink[], to: Ink[]): boolean {
    const ink = from.pop();
    if (!ink) return false;
    to.push(this.ink);
    this.ink = ink;
    return true;
  }
}

export function moved(stroke: PadStroke, dx: number, dy: number): PadStroke {
  return { id: stroke.id, points: stroke.points.map(([x, y, pressure]) => [x + dx, y + dy, pressure]) };
}
