// What the page needs to know of LaTeX: its tokens, whether it is well formed, which tokens are visible symbols.

const TOKEN = /\\(?:begin|end)\s*\{[A-Za-z*]+\}|\\[A-Za-z]+|\\[^A-Za-z]|[^\s\\]|\\/g;
const TWO = new Set(["\\frac", "\\binom"]);
const ONE = new Set(["\\sqrt", "\\overline", "\\underline", "\\hat", "\\bar", "\\vec", "\\dot", "\\ddot", "\\tilde",
  "\\widehat", "\\widetilde", "\\overrightarrow", "\\overbrace", "\\underbrace", "\\check", "\\boxed"]);
const STRUCTURE = new Set(["{", "}", "^", "_", "&", "\\\\", "\\limits", "\\left", "\\right"]);
const MAX_DEPTH = 100;

/** The tokens of a text, in time linear in its length. */
export function tokenize(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Places of the tokens that somebody has written as a symbol of its own: letters, signs, bars, roots. */
export function symbolPlaces(tokens: readonly string[]): number[] {
  return tokens.flatMap((token, i) => (STRUCTURE.has(token) || /^\\(begin|end)/.test(token) ? [] : [i]));
}

/** Whether a text is an expression: groups closed, every command and script with what it asks for. */
export function wellFormed(text: string): boolean {
  const tokens = tokenize(text);
  if (!tokens.length) return false;
  try {
    const parser = new Checker(tokens);
    parser.row(0);
    return parser.at === tokens.length;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

/** Index of the first reading that is well formed; 0 when none is. */
export function choose(texts: readonly string[]): number {
  return Math.max(texts.findIndex(wellFormed), 0);
}

class Malformed extends Error {}

class Checker {
  at = 0;
  private readonly open: string[] = [];

  constructor(private readonly tokens: readonly string[]) {}

  /** Everything up to what closes a group; it stays for the caller to judge. */
  row(depth: number): void {
    if (depth > MAX_DEPTH) throw new Malformed();
    let scripts = "";
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at];
      if (token === "}" || token === "\\right" || token.startsWith("\\end{")) return;
      if (token === "]" && this.open[this.open.length - 1] === "[") return;
      if (token === "^" || token === "_") {
        if (scripts.includes(token)) throw new Malformed();
        scripts += token;
        this.at++;
        this.argument(depth);
      } else {
        if (token !== "\\limits") scripts = "";
        this.node(depth);
      }
    }
  }

  private node(depth: number): void {
    const token = this.tokens[this.at++];
    if (token === "{") this.group("}", depth);
    else if (token === "\\left") this.fenced(depth);
    else if (token.startsWith("\\begin{")) this.group(token.replace("begin", "end"), depth);
    else if (TWO.has(token)) this.argument(depth), this.argument(depth);
    else if (ONE.has(token)) {
      if (token === "\\sqrt" && this.tokens[this.at] === "[") this.at++, this.group("]", depth);
      this.argument(depth);
    } else if (token === "\\" || token === "#" || token === "$") throw new Malformed();
  }

  private argument(depth: number): void {
    const token = this.tokens[this.at];
    const none = token === undefined || /^([}&^_]|\\right|\\limits|\\\\|\\end\{.*)$/.test(token);
    if (none || (token === "]" && this.open[this.open.length - 1] === "[")) throw new Malformed();
    if (depth > MAX_DEPTH) throw new Malformed();
    this.open.push("argument");
    this.node(depth + 1);
    this.open.pop();
  }

  private group(end: string, depth: number): void {
    this.open.push(end === "]" ? "[" : end);
    this.row(depth + 1);
    this.open.pop();
    if (this.tokens[this.at++] !== end) throw new Malformed();
  }

  private fenced(depth: number): void {
    this.at++;
    this.row(depth + 1);
    if (this.tokens[this.at] !== "\\right") throw new Malformed();
    this.at += 2;
    if (this.at > this.tokens.length) throw new Malformed();
  }
}
