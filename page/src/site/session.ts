// Reads the sheet while it is written: each line by itself, the first answer at once, alternatives after it.
import type { Ink, PadStroke } from "../pad/ink.js";
import { tokenize } from "../recognizer/latex.js";
import { LocalReader, type Reader, type Reading, type Recognition, type SymbolInk } from "../recognizer/reader.js";
import { lines } from "./lines.js";
import { aligned, edited, replaced, settled, without, type Shown } from "./settle.js";
import type { Mark } from "./store.js";

/** A line of the sheet and what it says. */
export interface Line {
  readonly strokes: readonly PadStroke[];
  readonly shown: Shown | null;
  /** Whether ink has only been added since what is shown was read. */
  readonly grown: boolean;
  readonly found: Recognition | null;
  /** Whether a person has said what it is; then no reading of the same ink changes it. */
  readonly mine: boolean;
  /** Which strokes form which symbol, by the place of its token in what is shown; null before that is known. */
  readonly symbols: ReadonlyMap<number, readonly number[]> | null;
}

const UNKNOWN: Line = { strokes: [], shown: null, grown: false, found: null, mine: false, symbols: null };
/** Alternatives are searched for when nothing has been written for so long, in milliseconds. */
const PAUSE = 250;
const BEAMS = 4;
const TRIES = 5;

export class Session {
  lines: readonly Line[] = [];
  several = true;
  /** The last failure to read, for people to see. */
  failure: string | null = null;
  private turn = 0;
  private pauses = 0;
  private timer = 0;

  constructor(public reader: Reader, private readonly changed: () => void) {}

  get marks(): Mark[] {
    return this.lines.flatMap(({ strokes, shown, mine }) => {
      return shown ? [{ strokes: strokes.map(({ id }) => id), latex: shown.tokens.join(" "), kept: [...shown.kept], mine }] : [];
    });
  }

  /** Take up what was shown of a sheet that is opened again. */
  restore(ink: Ink, marks: readonly Mark[]): void {
    this.lines = marks.map(({ strokes, latex, kept, mine }) => ({
      strokes: ink.filter((stroke) => strokes.includes(stroke.id)),
      shown: { tokens: tokenize(latex), kept: new Map(kept), confidence: null },
      grown: true, found: null, mine, symbols: null,
    }));
  }

  /** Somebody is writing: what was written before is still read, but nothing beyond that. */
  hold(): void {
    clearTimeout(this.timer);
    this.pauses++;
    this.reader.hold?.();
  }

  /** Read ink that has changed. */
  async update(ink: Ink): Promise<void> {
    const parts = this.several ? lines(ink) : ink.length ? [ink] : [];
    this.lines = parts.map((strokes) => this.former(strokes));
    this.changed();
    const [turn, pauses] = [++this.turn, this.pauses];
    clearTimeout(this.timer);
    const now = () => turn === this.turn;
    for (let i = 0; i < parts.length && now(); i++) if (!this.lines[i].found) await this.read(i, 1, now);
    if (now()) this.timer = window.setTimeout(() => void this.deepen(() => now() && pauses === this.pauses), PAUSE);
  }

  /** Show what somebody has made of a line. */
  edit(index: number, latex: string): void {
    const line = this.lines[index];
    this.put(index, { ...line, shown: edited(line.shown, latex), mine: true, symbols: null });
  }

  /** Replace a symbol by another, or by itself, and keep it. */
  keep(index: number, token: number, symbol: string): void {
    const line = this.lines[index];
    if (!line.shown) return;
    const shown = replaced(line.shown, token, symbol, line.symbols?.get(token) ?? []);
    this.put(index, { ...line, shown, symbols: shown.tokens.length === line.shown.tokens.length ? line.symbols : null });
  }

  free(index: number, token: number): void {
    const line = this.lines[index];
    const kept = new Map([...(line.shown?.kept ?? [])].filter(([place]) => place !== token));
    if (line.shown) this.put(index, { ...line, shown: { ...line.shown, kept } });
  }

  /** Which strokes a symbol was written with. */
  async strokesOf(index: number, token: number): Promise<readonly number[]> {
    // A newer reading takes turns with an explanation, and both are of the same ink.
    for (let tries = 0; tries < TRIES && this.lines[index] && !this.lines[index].symbols; tries++) await this.explain(index);
    return this.lines[index]?.symbols?.get(token) ?? [];
  }

  /** What else a symbol may be. */
  async others(index: number, token: number): Promise<Reading[]> {
    const line = this.lines[index];
    if (!line?.shown) return [];
    if (this.reader instanceof LocalReader) return this.reader.others(points(line), line.shown.tokens.join(" "), token);
    return this.fromAlternatives(line, token);
  }

  private fromAlternatives(line: Line, token: number): Reading[] {
    const shown = line.shown?.tokens ?? [];
    const found = new Map<string, Reading>();
    for (const { latex, confidence } of line.found?.alternatives ?? []) {
      const tokens = tokenize(latex);
      const symbol = tokens[aligned(shown, tokens)[token]];
      if (symbol && symbol !== shown[token] && !found.has(symbol)) found.set(symbol, { latex: symbol, confidence });
    }
    return [...found.values()];
  }

  /** What was known of a line: all of it if its ink is the same, what it said if it has most of its strokes. */
  private former(strokes: readonly PadStroke[]): Line {
    const ids = new Set(strokes.map((stroke) => stroke.id));
    const of = (line: Line) => line.strokes.filter((stroke) => ids.has(stroke.id)).length;
    const best = this.lines.reduce<Line | null>((most, line) => (most && of(most) >= of(line) ? most : line), null);
    if (!best || of(best) * 2 < best.strokes.length || !of(best)) return { ...UNKNOWN, strokes };
    if (best.strokes.length === strokes.length && best.strokes.every((stroke, i) => stroke === strokes[i])) return best;
    const shown = best.shown && without(best.shown, ids);
    return { ...UNKNOWN, strokes, shown, grown: of(best) === best.strokes.length };
  }

  private async read(index: number, beams: number, wanted: () => boolean): Promise<void> {
    const line = this.lines[index];
    try {
      const found = await this.reader.read(points(line), beams);
      if (!found || !wanted()) return;
      this.failure = null;
      const now = this.lines[index];
      const shown = now.mine && now.shown ? now.shown : settled(now.shown, found, now.grown);
      const same = shown.tokens.join(" ") === now.shown?.tokens.join(" ");
      this.put(index, { ...now, found, shown, grown: true, symbols: same ? now.symbols : null });
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.changed();
    }
  }

  /** Alternatives, then which strokes form which symbol, while nobody writes. */
  private async deepen(wanted: () => boolean): Promise<void> {
    for (let i = 0; i < this.lines.length && wanted(); i++) {
      if (this.lines[i].found && !this.lines[i].found?.alternatives.length) await this.read(i, BEAMS, wanted);
    }
    for (let i = 0; i < this.lines.length && wanted(); i++) if (!this.lines[i].symbols) await this.explain(i);
  }

  private async explain(index: number): Promise<void> {
    const line = this.lines[index];
    if (!line?.shown || !(this.reader instanceof LocalReader)) return;
    const latex = line.shown.tokens.join(" ");
    const found = await this.reader.explain(points(line), latex);
    const now = this.lines[index];
    if (!found || now?.strokes !== line.strokes || now.shown?.tokens.join(" ") !== latex) return;
    const ids = ({ strokes }: SymbolInk) => strokes.map((stroke) => line.strokes[stroke].id);
    this.put(index, { ...now, symbols: new Map(found.map((symbol) => [symbol.token, ids(symbol)])) });
  }

  private put(index: number, line: Line): void {
    this.lines = this.lines.map((old, i) => (i === index ? line : old));
    this.changed();
  }
}

const points = (line: Line) => line.strokes.map((stroke) => stroke.points.map(([x, y]) => [x, y]));
