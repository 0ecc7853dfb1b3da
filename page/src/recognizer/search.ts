// Greedy and beam search over a model that scores next tokens, for one prompt; see `engines/search.py`.

/** Asked between tokens; when it says so, nobody wants the rest. */
export type Stop = () => Promise<boolean>;

/** A model in the middle of its texts: keep `rows`, append `tokens`, score what follows, one row a text. */
export type Advance = (rows: number[], tokens: number[]) => Promise<Float32Array[]>;

export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** `going` until the end token, or until the text runs in a circle. */
  readonly state: "going" | "complete" | "looping";
}

const LONGEST_UNIT = 48;
const REPEATS = 20;
const LENGTH = 80;

export function score(text: Hypothesis): number {
  return text.logprobs.reduce((sum, logprob) => sum + logprob, 0);
}

/** The best texts, best first: at least one, at most `beams`; none once stopped. `first` scores what comes first. */
export async function search(
  advance: Advance, first: Float32Array, end: number, beams: number, maxTokens: number, stop: Stop,
): Promise<Hypothesis[]> {
  let going: Hypothesis[] = [{ tokens: [], logprobs: [], state: "going" }];
  let scores = [first];
  const done: Hypothesis[] = [];
  const looping: Hypothesis[] = [];
  for (let length = 1; ; length++) {
    const { next, rows } = step(going, scores, end, beams, done, looping);
    going = next;
    if (over(going, done, beams) || length === maxTokens) break;
    if (await stop()) return [];
    scores = await advance(rows, going.map((text) => text.tokens[text.tokens.length - 1]));
  }
  const best = (texts: Hypothesis[], count: number) => [...texts].sort((a, b) => score(b) - score(a)).slice(0, count);
  return [best(done, beams), best(going, 1), best(looping, 1)].find((texts) => texts.length) ?? [];
}

function step(
  going: Hypothesis[], scores: Float32Array[], end: number, beams: number, done: Hypothesis[], looping: Hypothesis[],
): { next: Hypothesis[]; rows: number[] } {
  const next: Hypothesis[] = [];
  const rows: number[] = [];
  candidates(going, scores, beams).forEach(({ parent, token, logprob }, rank) => {
    const text = extended(going[parent], token, logprob, end);
    if (text.state !== "going") {
      if (rank < beams) (text.state === "complete" ? done : looping).push(text);
    } else if (next.length + looping.length < beams) {
      next.push(text);
      rows.push(parent);
    }
  });
  return { next, rows };
}

function candidates(going: Hypothesis[], scores: Float32Array[], beams: number) {
  const found = going.flatMap((text, parent) => {
    const so = score(text);
    return mostProbable(scores[parent], 2 * beams).map((token) => {
      const logprob = scores[parent][token];
      return { parent, token, logprob, total: so + logprob };
    });
  });
  return found.sort((a, b) => b.total - a.total).slice(0, 2 * beams);
}

/** Places of the `count` highest scores, falling; of equal ones the first comes first. */
export function mostProbable(scores: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    let at = best.length;
    while (at > 0 && scores[i] > scores[best[at - 1]]) at--;
    if (at < count) {
      best.splice(at, 0, i);
      if (best.length > count) best.pop();
    }
  }
  return best;
}

function extended(text: Hypothesis, token: number, logprob: number, end: number): Hypothesis {
  const tokens = [...text.tokens, token];
  const logprobs = [...text.logprobs, logprob];
  const kept = loopAtEnd(tokens);
  if (kept) return { tokens: tokens.slice(0, kept), logprobs: logprobs.slice(0, kept), state: "looping" };
  return { tokens, logprobs, state: token === end ? "complete" : "going" };
}

/** Whether no text that goes on can still be among the best. */
function over(going: Hypothesis[], done: Hypothesis[], beams: number): boolean {
  if (!going.length || done.length < beams) return !going.length;
  const worst = done.map(score).sort((a, b) => b - a)[beams - 1];
  return beams === 1 || Math.max(...going.map(score)) <= worst;
}

/** How many tokens to keep of a text that ends in a loop: all before it, and its unit once; 0 when it does not. */
export function loopAtEnd(tokens: readonly number[]): number {
  for (let unit = 1; unit <= LONGEST_UNIT; unit++) {
    const span = Math.max(REPEATS * unit, LENGTH);
    if (span > tokens.length) return 0;
    let at = tokens.length - 1;
    while (at >= unit && tokens[at] === tokens[at - unit]) at--;
    if (tokens.length - (at + 1) + unit >= span) return at + 1;
  }
  return 0;
}
