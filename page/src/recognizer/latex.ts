// LaTeX as the page needs it: tokens, a small tree, whether a text is well formed, which tokens are symbols.

const TOKEN = /\\(?:begin|end)\s*\{[A-Za-z*]+\}|\\[A-Za-z]+|\\[^A-Za-z]|[^\s\\]|\\/g;
/** How many arguments a command takes. */
const ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["\\frac", 2], ["\\binom", 2],
  ...["sqrt", "overline", "underline", "hat", "bar", "vec", "dot", "ddot", "tilde", "widehat", "widetilde", "check",
    "overrightarrow", "overbrace", "underbrace", "boxed"].map((name): [string, number] => [`\\${name}`, 1]),
]);
const STRUCTURE = new Set(["{", "}", "^", "_", "&", "\\\\", "\\limits", "\\left", "\\right"]);
const NO_ARGUMENT = new Set(["}", "&", "^", "_", "\\right", "\\limits", "\\\\"]);
const MAX_DEPTH = 100;

export type Row = readonly Node[];

/** A part of an expression; `at` is the place of its token. */
export type Node =
  | { readonly is: "symbol"; readonly token: string; readonly at: number }
  | { readonly is: "group"; readonly row: Row }
  | { readonly is: "command"; readonly token: string; readonly at: number; readonly option: Row | null; readonly args: readonly Row[] }
  | { readonly is: "scripts"; readonly base: Node | null; readonly limits: boolean; readonly sub: Row | null; readonly sup: Row | null }
  | { readonly is: "fenced"; readonly left: string; readonly right: string; readonly row: Row }
  | { readonly is: "grid"; readonly name: string; readonly rows: readonly (readonly Row[])[] };

/** The tokens of a text, in time linear in its length. */
export function tokenize(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** What a token is: a symbol that stands for itself, a construct that takes arguments, or mere structure. */
export function kind(token: string): "symbol" | "construct" | "structure" {
  if (STRUCTURE.has(token) || /^\\(begin|end)/.test(token)) return "structure";
  return ARGUMENTS.has(token) ? "construct" : "symbol";
}

/** Places of the tokens that somebody has written as a symbol of its own: letters, signs, bars, roots. */
export function symbolPlaces(tokens: readonly string[]): number[] {
  return tokens.flatMap((token, i) => (kind(token) === "structure" ? [] : [i]));
}

/** The tree of an expression; null where groups, commands or scripts lack something, or it nests too deeply. */
export function parse(tokens: readonly string[]): Row | null {
  try {
    return new Parser(tokens).whole();
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

export function wellFormed(text: string): boolean {
  return !!parse(tokenize(text))?.length;
}

/** Index of the first reading that is well formed; 0 when none is. */
export function choose(texts: readonly string[]): number {
  return Math.max(texts.findIndex(wellFormed), 0);
}

class Malformed extends Error {}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): Row {
    const row = this.row(() => false);
    if (this.at < this.tokens.length) throw new Malformed();
    return row;
  }

  /** Everything up to a token that ends a row, or that `closes` it; it stays for the caller to judge. */
  private row(closes: (token: string) => boolean): Row {
    if (++this.depth > MAX_DEPTH) throw new Malformed();
    const row: Node[] = [];
    for (let token = this.tokens[this.at]; token !== undefined; token = this.tokens[this.at]) {
      if (["}", "\\right", "&", "\\\\"].includes(token) || token.startsWith("\\end{") || closes(token)) break;
      if (["^", "_", "\\limits"].includes(token)) this.script(row);
      else row.push(this.node());
    }
    this.depth--;
    return row;
  }

  private script(row: Node[]): void {
    const last = row.pop() ?? null;
    const now = last?.is === "scripts" ? last : { is: "scripts" as const, base: last, limits: false, sub: null, sup: null };
    const token = this.tokens[this.at++];
    if (token === "\\limits") {
      row.push({ ...now, limits: true });
      return;
    }
    const which = token === "^" ? "sup" : "sub";
    if (now[which]) throw new Malformed();
    row.push({ ...now, [which]: this.argument() });
  }

  private node(): Node {
    const at = this.at++;
    const token = this.tokens[at];
    if (token === "{") return { is: "group", row: this.until("}") };
    if (token === "\\left") return this.fenced();
    if (token.startsWith("\\begin{")) return this.grid(token.slice(7, -1));
    if (token === "\\" || token === "#" || token === "$") throw new Malformed();
    const count = ARGUMENTS.get(token);
    if (!count) return { is: "symbol", token, at };
    const option = token === "\\sqrt" && this.tokens[this.at] === "[" ? (this.at++, this.until("]")) : null;
    return { is: "command", token, at, option, args: Array.from({ length: count }, () => this.argument()) };
  }

  private argument(): Row {
    const token = this.tokens[this.at];
    if (token === undefined || NO_ARGUMENT.has(token) || token.startsWith("\\end{")) throw new Malformed();
    if (++this.depth > MAX_DEPTH) throw new Malformed();
    const node = this.node();
    this.depth--;
    return node.is === "group" ? node.row : [node];
  }

  private until(end: string): Row {
    const row = this.row((token) => token === end);
    if (this.tokens[this.at++] !== end) throw new Malformed();
    return row;
  }

  private fenced(): Node {
    const left = this.tokens[this.at++];
    const row = this.row(() => false);
    if (this.tokens[this.at++] !== "\\right" || this.at >= this.tokens.length) throw new Malformed();
    return { is: "fenced", left, right: this.tokens[this.at++], row };
  }

  private grid(name: string): Node {
    const rows: Row[][] = [[]];
    for (;;) {
      rows[rows.length - 1].push(this.row(() => false));
      const token = this.tokens[this.at++];
      if (token === `\\end{${name}}`) return { is: "grid", name, rows };
      if (token === "\\\\") rows.push([]);
      else if (token !== "&") throw new Malformed();
    }
  }
}
