// Strokes in, a result out: drawing, cleaning, fitting, and Nano; no DOM, so it runs in a worker and in Node.
import { clean } from "./clean.js";
import { draw, InkError, usable } from "./drawing.js";
import { fit } from "./fit.js";
import { choose, kind, symbolPlaces, tokenize, wellFormed } from "./latex.js";
import { Nano, type ModelFiles, type Runtime } from "./nano.js";
import { erased } from "./occlusion.js";
import type { Placed } from "./clean.js";
import type { Stroke } from "./types.js";
import type { Stop } from "./search.js";
import { withoutStrays } from "./stray.js";
import type { Reading, Recognition, SymbolInk } from "./types.js";

const never: Stop = async () => false;

export class Recognizer {
  private constructor(private readonly nano: Nano) {}

  static async load(files: ModelFiles, runtime: Runtime): Promise<Recognizer> {
    return new Recognizer(await Nano.load(files, runtime));
  }

  /**
   * Read strokes; null once stopped. More than one beam is slower, a little better, and gives alternatives. Throws
   * InkError.
   */
  async read(strokes: readonly Stroke[], beams = 1, stop: Stop = never): Promise<Recognition | null> {
    const texts = await this.nano.texts(this.fitted(strokes).picture, beams, stop);
    if (!texts.length) return null;
    const readings = texts.map((text): Reading => {
      const latex = this.nano.tokenizer.decode(text.tokens).split(/\s+/).filter(Boolean).join(" ");
      return { latex, confidence: this.nano.confidence(text) };
    });
    const best = choose(readings.map((reading) => reading.latex));
    return {
      ...readings[best],
      alternatives: readings.filter((_, i) => i !== best),
      well_formed: wellFormed(readings[best].latex),
      complete: texts[0].state === "complete",
      model: this.nano.about.name,
    };
  }

  /**
   * Which strokes every symbol of a reading was written with: those without which it becomes least probable.
   * Null once stopped.
   */
  async explain(strokes: readonly Stroke[], latex: string, stop: Stop = never): Promise<SymbolInk[] | null> {
    const written = withoutStrays(usable(strokes));
    const ink = written.map((i) => strokes[i]);
    const placed = this.fitted(ink);
    const { ids, owners } = this.tokens(latex);
    const whole = await this.nano.scores(placed.picture, ids, stop);
    const found = new Map<number, number[]>(symbolPlaces(tokenize(latex)).map((token) => [token, []]));
    for (let i = 0; i < ink.length; i++) {
      const without = whole && (await this.nano.scores(erased(placed, ink, i), ids, stop));
      if (!without) return null;
      const losses = ids.map((_, at) => whole[at] - without[at]);
      const token = mostLost(losses, owners, found);
      if (token !== null) found.get(token)?.push(written[i]);
    }
    return [...found].map(([token, members]) => ({ token, strokes: members }));
  }

  /** What else the symbol at `token` of a reading may be, most probable first, with the odds among them. */
  async others(strokes: readonly Stroke[], latex: string, token: number, count = 6): Promise<Reading[]> {
    const { picture } = this.fitted(strokes);
    const { ids, owners } = this.tokens(latex);
    const before = ids.slice(0, owners.indexOf(token));
    const readings: Reading[] = [];
    for (const { tokens, logprob } of await this.nano.next(picture, before, count)) {
      const symbol = tokenize(this.nano.tokenizer.decode([...before, ...tokens]))[token];
      if (symbol && kind(symbol) === "symbol" && !readings.some((reading) => reading.latex === symbol)) {
        readings.push({ latex: symbol, confidence: Math.exp(logprob) });
      }
    }
    return readings;
  }

  private fitted(strokes: readonly Stroke[]): Placed {
    const { symbol_pixels: symbol, max_rows: rows, max_columns: columns } = this.nano.about;
    const cleaned = clean(draw(withoutStrays(usable(strokes)).map((i) => strokes[i])));
    if (!cleaned) throw new InkError("no ink found in the drawing");
    return fit(cleaned, symbol, rows, columns);
  }

  /** The model's tokens of a reading, each with the index of the LaTeX token that it is a part of. */
  private tokens(latex: string): { ids: number[]; owners: number[] } {
    const parts = tokenize(latex).map((token, i) => this.nano.tokenizer.encode(i ? ` ${token}` : token));
    return { ids: parts.flat(), owners: parts.flatMap((part, i) => part.map(() => i)) };
  }
}

/** The symbol whose token loses most; null where none loses anything. */
function mostLost(losses: number[], owners: number[], symbols: ReadonlyMap<number, unknown>): number | null {
  let best: number | null = null, most = 0;
  losses.forEach((loss, i) => {
    if (loss > most && symbols.has(owners[i])) (most = loss), (best = owners[i]);
  });
  return best;
}
