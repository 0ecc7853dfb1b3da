// The language model of formulas: of the texts that strokes allow, it knows which people write; see `engines/language.py`.

/** Steps of a cost in one nat. */
const STEPS = 16;
const MOST = 255;

/** The n-grams of one length; those that go on from the same beginning lie side by side, by their last token. */
interface Level {
  readonly tokens: Uint16Array;
  readonly costs: Uint8Array;
  readonly backoffs?: Uint8Array;
  readonly starts?: Uint32Array;
}

/** Length and number of an n-gram; the empty one is [0, 0]. */
type Place = readonly [number, number];
const NOTHING: Place = [0, 0];

export class Language {
  private readonly levels: Level[];

  /** From a safetensors file that `unimumer train language` wrote; `end` ends texts, and stands before them. */
  constructor(file: Uint8Array, private readonly end: number) {
    const arrays = tensors(file);
    this.levels = [];
    for (let length = 1; arrays.has(`tokens.${length}`); length++) {
      const array = (name: string) => arrays.get(`${name}.${length}`);
      this.levels.push({
        tokens: new Uint16Array(array("tokens")!),
        costs: new Uint8Array(array("costs")!),
        backoffs: array("backoffs") && new Uint8Array(array("backoffs")!),
        starts: array("starts") && new Uint32Array(array("starts")!),
      });
    }
    if (!this.levels.length) throw new Error("the language model of formulas holds none");
  }

  /** Natural log of the probability of a text. */
  logprob(tokens: readonly number[]): number {
    let places = this.follow([NOTHING], this.end).places;
    let total = 0;
    for (const token of tokens) {
      const { cost, places: next } = this.follow(places, token);
      total += cost;
      places = next;
    }
    return -total / STEPS;
  }

  /** Cost of a token after what was written, given by its known ends, longest first; and the same of what then is. */
  private follow(places: readonly Place[], token: number): { cost: number; places: Place[] } {
    let cost = 0;
    const reached: Place[] = [];
    for (const [length, number] of places) {
      const child = this.child(length, number, token);
      if (child !== null) {
        if (!reached.length) cost += this.levels[length].costs[child];
        reached.push([length + 1, child]);
      } else if (!reached.length && length) {
        cost += this.levels[length - 1].backoffs![number];
      }
    }
    if (!reached.length) cost += MOST;
    return { cost, places: [...reached.filter(([length]) => length < this.levels.length), NOTHING] };
  }

  private child(length: number, number: number, token: number): number | null {
    const { tokens } = this.levels[length];
    const starts = length ? this.levels[length - 1].starts! : null;
    const end = starts ? starts[number + 1] : tokens.length;
    let [low, high] = [starts ? starts[number] : 0, end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tokens[middle] < token) low = middle + 1;
      else high = middle;
    }
    return low < end && tokens[low] === token ? low : null;
  }
}

/** Bytes of every array of a safetensors file: a length, a JSON header that says where each lies, and the arrays. */
function tensors(file: Uint8Array): Map<string, ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const begin = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, begin))) as Record<string, { data_offsets: number[] }>;
  delete header.__metadata__;
  // A copy, since numbers of four bytes have to lie evenly.
  const bytes = ([from, to]: number[]) => new Uint8Array(file.subarray(begin + from, begin + to)).buffer;
  return new Map(Object.entries(header).map(([name, { data_offsets: span }]) => [name, bytes(span)]));
}
