// Nano, the embedded model, run by ONNX Runtime: a picture in, texts with their probabilities out.
import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-web";
import { CELL } from "./fit.js";
import { patches, patchTurns, positionsAfter, textTurns, type Grid, type Turns } from "./geometry.js";
import { Language } from "./language.js";
import type { Gray } from "./pixels.js";
import { mostProbable, score, search, type Advance, type Hypothesis, type Stop } from "./search.js";
import { Tokenizer } from "./tokenizer.js";

const BEFORE = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<|vision_start|>";
const QUESTION =
  "I have an image of a handwritten mathematical expression. " +
  "Please write out the expression of the formula in the image using LaTeX format.";
const AFTER = `<|vision_end|>${QUESTION}<|im_end|>\n<|im_start|>assistant\n`;
const MAX_TOKENS = 256;
/** Width of a visual token, which is that of the language model. */
const WIDTH = 256;
/** Tokens that finish a symbol once its first is known: names of commands take up to four. */
const FEW = 3;

/** Contents of `nano.json`, as far as they are used here. */
export interface Description {
  readonly name: string;
  readonly symbol_pixels: number;
  readonly max_rows: number;
  readonly max_columns: number;
  readonly vision_head: number;
  readonly text_layers: number;
  readonly text_kv_heads: number;
  readonly text_head: number;
  readonly rope_theta: number;
  readonly sections: readonly number[];
  readonly calibration: readonly number[];
  /** Where there is a language model: the weight of its log-probability beside the model's own, and a bonus a token. */
  readonly language?: readonly number[];
  readonly sha256: Readonly<Record<string, string>>;
}

/** The files of a model folder. */
export interface ModelFiles {
  readonly about: Description;
  readonly tokenizer: string;
  readonly encoder: Uint8Array;
  readonly decoder: Uint8Array;
  /** The language model of formulas, where `about` has weights for it. */
  readonly language?: Uint8Array;
}

/** A text, and what speaks for it whatever the picture. */
export interface Ranked extends Hypothesis {
  readonly prior: number;
}

/** What is used of `onnxruntime-web`, so that the caller decides how it is loaded. */
export interface Runtime {
  readonly Tensor: typeof Tensor;
  readonly InferenceSession: typeof InferenceSession;
}

export class Nano {
  readonly tokenizer: Tokenizer;
  private readonly end: number;
  private readonly language: Language | null;
  private readonly before: readonly number[];
  private readonly after: readonly number[];
  /** Of the beginning, which is that of every conversation: keys and values, read once. */
  private beginning: Promise<Texts> | null = null;
  private readonly turns = new Map<string, Turns>();

  private constructor(
    readonly about: Description,
    private readonly runtime: Runtime,
    tokenizer: string,
    private readonly encoder: InferenceSession,
    private readonly decoder: InferenceSession,
    language?: Uint8Array,
  ) {
    this.tokenizer = new Tokenizer(JSON.parse(tokenizer));
    this.end = this.tokenizer.wholeId("<|im_end|>");
    this.language = about.language?.length && language ? new Language(language, this.end) : null;
    this.before = this.tokenizer.encode(BEFORE);
    this.after = this.tokenizer.encode(AFTER);
  }

  static async load(files: ModelFiles, runtime: Runtime): Promise<Nano> {
    const open = (graph: Uint8Array) => runtime.InferenceSession.create(graph, { executionProviders: ["wasm"] });
    const [encoder, decoder] = [await open(files.encoder), await open(files.decoder)];
    return new Nano(files.about, runtime, files.tokenizer, encoder, decoder, files.language);
  }

  /** The best texts for a fitted picture, best first; none once stopped. */
  async texts(picture: Gray, beams: number, stop: Stop): Promise<Ranked[]> {
    const [state, first] = await this.begin(picture);
    const advance: Advance = (rows, tokens) => state.advance(rows, tokens);
    const found = await search(advance, first, this.end, beams, MAX_TOKENS, stop);
    const rank = (text: Ranked) => score(text) + text.prior;
    return found.map((text) => ({ ...text, prior: this.prior(text.tokens) })).sort((a, b) => rank(b) - rank(a));
  }

  private prior(tokens: readonly number[]): number {
    if (!this.language) return 0;
    const [weight, bonus] = this.about.language!;
    return weight * this.language.logprob(tokens) + bonus * tokens.length;
  }

  /** The `count` most probable tokens after `begun`, with the few that follow each, and its log-probability. */
  async next(picture: Gray, begun: readonly number[], count: number): Promise<{ tokens: number[]; logprob: number }[]> {
    const [state, first] = await this.begin(picture);
    let scores = [first];
    for (const token of begun) scores = await state.advance([0], [token]);
    const found = mostProbable(scores[0], count).map((token) => ({ tokens: [token], logprob: scores[0][token] }));
    for (let step = 0; step < FEW; step++) {
      const rows = found.map((_, i) => (step ? i : 0));
      scores = await state.advance(rows, found.map(({ tokens }) => tokens[step]));
      found.forEach(({ tokens }, i) => tokens.push(mostProbable(scores[i], 1)[0]));
    }
    return found;
  }

  /** Log-probability of each of `tokens` as the text about a picture; null once stopped. */
  async scores(picture: Gray, tokens: readonly number[], stop: Stop): Promise<number[] | null> {
    const [state, first] = await this.begin(picture);
    const found = [first[tokens[0]]];
    for (let i = 1; i < tokens.length; i++) {
      if (await stop()) return null;
      const [scores] = await state.advance([0], [tokens[i - 1]]);
      found.push(scores[tokens[i]]);
    }
    return found;
  }

  /** How often texts with these log-probabilities and this prior are right: logistic regression (Platt, 1999). */
  confidence({ logprobs, prior }: Ranked): number {
    const sum = logprobs.reduce((total, logprob) => total + logprob, 0);
    if (!this.about.calibration.length || !logprobs.length) return Math.exp(sum);
    const features = [1, sum + prior, Math.min(...logprobs), Math.log(logprobs.length)];
    const score = features.reduce((total, feature, i) => total + feature * this.about.calibration[i], 0);
    return 1 / (1 + Math.exp(-Math.min(Math.max(score, -30), 30)));
  }

  /** Read the conversation up to the answer; log-probabilities of its first token. */
  private async begin(picture: Gray): Promise<[Texts, Float32Array]> {
    const grid: Grid = [picture.height / CELL, picture.width / CELL];
    const visual = await this.see(picture, grid);
    this.beginning ??= Texts.begun(this.about, this.runtime, this.decoder, this.before);
    const texts = (await this.beginning).copy();
    return [texts, await texts.start(visual, this.after, grid)];
  }

  private async see(picture: Gray, grid: Grid): Promise<Float32Array> {
    const key = grid.join(" x ");
    const turns = this.turns.get(key) ?? patchTurns(grid, this.about.vision_head / 4);
    this.turns.set(key, turns);
    const count = grid[0] * grid[1] * 4;
    const feed = {
      patches: new this.runtime.Tensor("float32", patches(picture), [count, (CELL / 2) ** 2]),
      cos: new this.runtime.Tensor("float32", turns.cos, [count, this.about.vision_head]),
      sin: new this.runtime.Tensor("float32", turns.sin, [count, this.about.vision_head]),
    };
    const { visual } = await this.encoder.run(feed);
    return (visual as TypedTensor<"float32">).data;
  }
}

/** The decoder in the middle of texts about one picture, with the keys and values of all that came before. */
class Texts {
  private past: Float32Array = new Float32Array(0);
  private length = 0;
  private next = 0;
  private rows = 1;

  constructor(
    private readonly about: Description, private readonly runtime: Runtime, private readonly decoder: InferenceSession,
  ) {}

  /** A conversation of which only the words before the picture have been read. */
  static async begun(about: Description, runtime: Runtime, decoder: InferenceSession, before: readonly number[]): Promise<Texts> {
    const texts = new Texts(about, runtime, decoder);
    const places = before.map((_, i) => [i, i, i]);
    await texts.run(before, new Float32Array(0), [[]], places, causal(0, before.length));
    return texts;
  }

  copy(): Texts {
    const texts = new Texts(this.about, this.runtime, this.decoder);
    [texts.past, texts.length] = [this.past, this.length];
    return texts;
  }

  /** Read the picture and the words after it; log-probabilities of the answer's first token. */
  async start(visual: Float32Array, after: readonly number[], grid: Grid): Promise<Float32Array> {
    const positions = positionsAfter(this.length, grid, after.length);
    this.next = positions[positions.length - 1][0] + 1;
    return (await this.run([], visual, [after], positions, causal(this.length, positions.length)))[0];
  }

  async advance(rows: readonly number[], tokens: readonly number[]): Promise<Float32Array[]> {
    if (rows.length !== this.rows || rows.some((row, i) => row !== i)) this.keep(rows);
    const position = [new Array<number>(3).fill(this.next++)];
    return this.run([], new Float32Array(0), tokens.map((token) => [token]), position, new Float32Array(this.length + 1));
  }

  private async run(
    before: readonly number[], visual: Float32Array, after: readonly (readonly number[])[],
    positions: readonly (readonly number[])[], mask: Float32Array,
  ): Promise<Float32Array[]> {
    const { Tensor } = this.runtime;
    const { text_head: head, text_kv_heads: heads, text_layers: layers, sections, rope_theta: theta } = this.about;
    const rows = this.rows, length = positions.length;
    const turns = repeated(textTurns(positions, sections, theta), rows);
    const many = (ids: readonly (readonly number[])[]) => {
      const flat = BigInt64Array.from(ids.flat(), BigInt);
      return new Tensor("int64", flat, [rows, flat.length / rows]);
    };
    const { logprobs, caches } = await this.decoder.run({
      before: many(Array.from({ length: rows }, () => before)),
      visual: new Tensor("float32", visual, [rows, visual.length / WIDTH, WIDTH]),
      after: many(after),
      cos: new Tensor("float32", turns.cos, [rows, 1, length, head]),
      sin: new Tensor("float32", turns.sin, [rows, 1, length, head]),
      mask: new Tensor("float32", joined(Array.from({ length: rows }, () => mask)), [rows, 1, length, mask.length / length]),
      past: new Tensor("float32", this.past, [2 * layers, rows, heads, this.length, head]),
    });
    this.append((caches as TypedTensor<"float32">).data, length);
    const scores = (logprobs as TypedTensor<"float32">).data;
    const vocabulary = scores.length / rows;
    return Array.from({ length: rows }, (_, i) => scores.slice(i * vocabulary, (i + 1) * vocabulary));
  }

  /** Put `more` new keys and values behind the others. */
  private append(caches: Float32Array, more: number): void {
    const { text_head: head, text_kv_heads: heads, text_layers: layers } = this.about;
    const [old, fresh] = [this.length * head, more * head];
    const past = new Float32Array(2 * layers * this.rows * heads * (old + fresh));
    for (let i = 0; i < 2 * layers * this.rows * heads; i++) {
      past.set(this.past.subarray(i * old, (i + 1) * old), i * (old + fresh));
      past.set(caches.subarray(i * fresh, (i + 1) * fresh), i * (old + fresh) + old);
    }
    this.past = past;
    this.length += more;
  }

  /** Keep these rows, repeats allowed. */
  private keep(rows: readonly number[]): void {
    const size = this.about.text_kv_heads * this.length * this.about.text_head;
    const parts: Float32Array[] = [];
    for (let layer = 0; layer < 2 * this.about.text_layers; layer++) {
      for (const row of rows) {
        const begin = (layer * this.rows + row) * size;
        parts.push(this.past.subarray(begin, begin + size));
      }
    }
    this.past = joined(parts);
    this.rows = rows.length;
  }
}

/** A mask [fresh, known + fresh] in which every fresh token sees all before it. */
function causal(known: number, fresh: number): Float32Array {
  const all = known + fresh;
  return Float32Array.from({ length: fresh * all }, (_, i) => (i % all > known + Math.floor(i / all) ? -1e9 : 0));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

function repeated({ cos, sin }: Turns, rows: number): Turns {
  const many = (part: Float32Array) => joined(Array.from({ length: rows }, () => part));
  return { cos: many(cos), sin: many(sin) };
}
