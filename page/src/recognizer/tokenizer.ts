// Nano's tokenizer: byte-level pair encoding (Sennrich et al., 2016) as its `tokenizer.json` describes it.

const PIECES = / ?\\[A-Za-z]+| ?\\[^A-Za-z]| ?\{[A-Za-z]+\}| ?[A-Za-z]| ?[0-9]| ?[^\sA-Za-z0-9]|\s/gu;

interface File {
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly (readonly [string, string])[] };
}

export class Tokenizer {
  private readonly ids: Map<string, number>;
  private readonly texts: string[] = [];
  private readonly ranks: Map<string, number>;
  private readonly whole: Map<string, number>;
  private readonly wholes: RegExp;
  private readonly control: Set<number>;

  constructor(file: File) {
    this.ids = new Map(Object.entries(file.model.vocab));
    for (const [text, id] of this.ids) this.texts[id] = text;
    this.ranks = new Map(file.model.merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
    this.whole = new Map(file.added_tokens.map(({ id, content }) => [content, id]));
    this.control = new Set(file.added_tokens.filter((token) => token.special).map((token) => token.id));
    const longestFirst = [...this.whole.keys()].sort((a, b) => b.length - a.length);
    this.wholes = new RegExp(`(${longestFirst.map((text) => text.replace(/[^\w ]/g, "\\$&")).join("|")})`);
  }

  /** Id of a token such as `<|im_end|>` that stands for a whole text. */
  wholeId(token: string): number {
    const id = this.whole.get(token);
    if (id === undefined) throw new Error(`the tokenizer has no ${token}`);
    return id;
  }

  /** Ids of a text; control tokens, and the questions that are tokens of their own, count as such. */
  encode(text: string): number[] {
    return text.split(this.wholes).flatMap((part) => {
      const id = this.whole.get(part);
      return id === undefined ? this.plain(part) : [id];
    });
  }

  /** The text of ids, control tokens left out. */
  decode(ids: readonly number[]): string {
    const letters = ids.filter((id) => !this.control.has(id)).map((id) => this.texts[id] ?? "").join("");
    return new TextDecoder().decode(Uint8Array.from(letters, (letter) => BYTES.get(letter) ?? 0x3f));
  }

  private plain(text: string): number[] {
    return (text.match(PIECES) ?? []).flatMap((piece) => {
      const letters = [...new TextEncoder().encode(piece)].map((byte) => LETTERS[byte]);
      return this.merged(letters).map((letter) => this.ids.get(letter) ?? 0);
    });
  }

  private merged(parts: string[]): string[] {
    for (;;) {
      const ranks = parts.slice(1).map((part, i) => this.ranks.get(`${parts[i]} ${part}`) ?? Infinity);
      const best = Math.min(...ranks);
      if (best === Infinity) return parts;
      const at = ranks.indexOf(best);
      parts = [...parts.slice(0, at), parts[at] + parts[at + 1], ...parts.slice(at + 2)];
    }
  }
}

/** A visible letter for every byte: itself where it is visible, else one from 256 on, in order (GPT-2). */
const LETTERS = letters();
const BYTES = new Map(LETTERS.map((letter, byte) => [letter, byte]));

function letters(): string[] {
  const visible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++));
}
