// Decides what is shown when a new reading comes: what was right stays, what is kept stays in any case.
import { kind, tokenize, wellFormed } from "../recognizer/latex.js";
import type { Reading, Recognition } from "../recognizer/types.js";

/** What is shown of a line: its tokens, and the places of those that are kept, with their strokes where known. */
export interface Shown {
  readonly tokens: readonly string[];
  readonly kept: ReadonlyMap<number, readonly number[]>;
  readonly confidence: number | null;
}

/** A reading that goes on from what is shown is preferred if it has at least this part of the best one's confidence. */
const LOYALTY = 0.25;

/** What to show after `found`; `grown` tells that ink has only been added since. */
export function settled(shown: Shown | null, found: Recognition, grown: boolean): Shown {
  const readings: Reading[] = [found, ...found.alternatives].filter((reading) => reading.latex);
  if (!shown || !readings.length) return plain(found);
  const asKept = readings.find((reading) => keeps(shown, tokenize(reading.latex)));
  if (shown.kept.size) {
    if (asKept) return carried(shown, tokenize(asKept.latex), asKept.confidence);
    return mended(shown, found);
  }
  const least = LOYALTY * (found.confidence ?? 0);
  const loyal = readings.find((reading) => (reading.confidence ?? 0) >= least && goesOn(shown.tokens, reading.latex));
  return plain(grown && loyal && wellFormed(loyal.latex) ? loyal : found);
}

/** Another symbol, written with `strokes`, in the place of one; kept from now on. */
export function replaced(shown: Shown, token: number, symbol: string, strokes: readonly number[]): Shown {
  const fresh = tokenize(symbol);
  const tokens = [...shown.tokens.slice(0, token), ...fresh, ...shown.tokens.slice(token + 1)];
  const shift = fresh.length - 1;
  const kept = new Map([...shown.kept].map(([place, of]) => [place > token ? place + shift : place, of]));
  fresh.forEach((part, i) => kind(part) !== "structure" && kept.set(token + i, strokes));
  return { tokens, kept, confidence: shown.confidence };
}

/** A formula that somebody has edited: the symbols that are new in it are kept from now on. */
export function edited(shown: Shown | null, latex: string): Shown {
  const tokens = tokenize(latex);
  const old = shown?.tokens ?? [];
  const places = aligned(tokens, old);
  const isNew = (i: number) => kind(tokens[i]) === "symbol" && old[places[i]] !== tokens[i];
  const kept = new Map<number, readonly number[]>(tokens.flatMap((_, i) => (isNew(i) ? [[i, []]] : [])));
  tokens.forEach((_, i) => shown?.kept.has(places[i]) && !kept.has(i) && kept.set(i, shown.kept.get(places[i]) ?? []));
  return { tokens, kept, confidence: null };
}

/** Without what is kept of strokes that are gone. */
export function without(shown: Shown, there: ReadonlySet<number>): Shown {
  return { ...shown, kept: new Map([...shown.kept].filter(([, strokes]) => strokes.every((id) => there.has(id)))) };
}

/** For every token of `from` its place in `to`, or -1: the alignment with the fewest changes. */
export function aligned(from: readonly string[], to: readonly string[]): number[] {
  const cost = Array.from({ length: from.length + 1 }, () => new Array<number>(to.length + 1).fill(0));
  const change = (i: number, j: number) => (from[i] === to[j] ? 0 : kind(from[i]) === kind(to[j]) ? 1 : 2.5);
  for (let i = from.length; i >= 0; i--) {
    for (let j = to.length; j >= 0; j--) {
      if (i === from.length || j === to.length) cost[i][j] = from.length - i + (to.length - j);
      else cost[i][j] = Math.min(change(i, j) + cost[i + 1][j + 1], 1 + cost[i + 1][j], 1 + cost[i][j + 1]);
    }
  }
  const places: number[] = [];
  for (let i = 0, j = 0; i < from.length;) {
    if (j < to.length && cost[i][j] === change(i, j) + cost[i + 1][j + 1]) places.push(j), i++, j++;
    else if (j < to.length && cost[i][j] === 1 + cost[i][j + 1]) j++;
    else places.push(-1), i++;
  }
  return places;
}

function plain({ latex, confidence }: Reading): Shown {
  return { tokens: tokenize(latex), kept: new Map(), confidence };
}

function keeps(shown: Shown, tokens: readonly string[]): boolean {
  const places = aligned(shown.tokens, tokens);
  return [...shown.kept.keys()].every((place) => tokens[places[place]] === shown.tokens[place]);
}

function carried(shown: Shown, tokens: readonly string[], confidence: number | null): Shown {
  const places = aligned(shown.tokens, tokens);
  return { tokens, kept: new Map([...shown.kept].map(([place, of]) => [places[place], of])), confidence };
}

/** The new reading with what is kept put back; what was shown, where that gives no formula. */
function mended(shown: Shown, found: Recognition): Shown {
  const tokens: string[] = tokenize(found.latex);
  const places = aligned(shown.tokens, tokens);
  const kept = new Map<number, readonly number[]>();
  const before = (place: number) => places.slice(0, place).reduce((last, at) => Math.max(last, at), -1);
  for (const place of [...shown.kept.keys()].sort((a, b) => b - a)) {
    const at = places[place];
    if (at >= 0) tokens[at] = shown.tokens[place];
    else tokens.splice(before(place) + 1, 0, shown.tokens[place]);
  }
  const again = aligned(shown.tokens, tokens);
  shown.kept.forEach((of, place) => again[place] >= 0 && kept.set(again[place], of));
  const whole = wellFormed(tokens.join(" "));
  return whole ? { tokens, kept, confidence: found.confidence } : shown;
}

/** Whether all symbols that were there are there, in order. */
function goesOn(tokens: readonly string[], latex: string): boolean {
  const next = tokenize(latex);
  let at = 0;
  for (const token of tokens) {
    if (kind(token) === "structure") continue;
    while (at < next.length && next[at] !== token) at++;
    if (at++ >= next.length) return false;
  }
  return true;
}
