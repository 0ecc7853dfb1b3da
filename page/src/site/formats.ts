// A formula in the languages that people paste it into.
import katex from "katex";
import { kind, parse, tokenize, type Node, type Row } from "../recognizer/latex.js";
import { signs } from "./signs.js";

export type Format = "latex" | "inline" | "display" | "aligned" | "mathml" | "typst" | "asciimath" | "unicode";

/** LaTeX without the spaces that nobody needs. */
export function compact(latex: string): string {
  const tokens = tokenize(latex);
  return tokens.map((token, i) => (/^\\[A-Za-z]+$/.test(token) && /^[A-Za-z]/.test(tokens[i + 1] ?? "") ? `${token} ` : token)).join("");
}

/** All formulas of a sheet in one text. */
export function written(formulas: readonly string[], format: Format): string {
  const each = formulas.map(compact);
  if (format === "latex") return each.join("\n");
  if (format === "inline") return each.map((latex) => `$${latex}$`).join("\n");
  if (format === "display") return each.map((latex) => `\\[${latex}\\]`).join("\n");
  if (format === "aligned") return aligned(formulas);
  if (format === "mathml") return formulas.map(mathml).join("\n");
  return formulas.map((latex) => in_(latex, DIALECTS[format])).join("\n");
}

/** The first relation of each line under that of the others. */
function aligned(formulas: readonly string[]): string {
  const rows = formulas.map((latex) => {
    const tokens = tokenize(latex);
    let depth = 0;
    const at = tokens.findIndex((token) => {
      depth += token === "{" ? 1 : token === "}" ? -1 : 0;
      return !depth && RELATIONS.has(token);
    });
    return at < 0 ? compact(latex) : `${compact(tokens.slice(0, at).join(" "))} &${compact(tokens.slice(at).join(" "))}`;
  });
  return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
}

const RELATIONS = new Set(["=", "<", ">", "\\leq", "\\geq", "\\neq", "\\equiv", "\\approx", "\\sim", "\\rightarrow", "\\in"]);

/** Presentation MathML, which Word makes an equation of when it is pasted. */
export function mathml(latex: string): string {
  const markup = katex.renderToString(latex, { output: "mathml", displayMode: true, throwOnError: false, strict: false, maxExpand: 100 });
  const math = /<math[\s\S]*<\/math>/.exec(markup)?.[0] ?? "";
  return math.replace(/<semantics>|<annotation[\s\S]*?<\/annotation>|<\/semantics>/g, "");
}

interface Dialect {
  readonly sign: (token: string) => string;
  readonly fraction: (above: string, below: string) => string;
  readonly root: (of: string, degree: string) => string;
  readonly scripts: (base: string, sub: string, sup: string) => string;
  readonly accent: (name: string, of: string) => string;
  readonly grid: (rows: string[][]) => string;
  readonly between: string;
}

const single = (text: string) => [...text].length < 2;
const round = (text: string) => (single(text) ? text : `(${text})`);

const DIALECTS: Record<"typst" | "asciimath" | "unicode", Dialect> = {
  typst: {
    sign: (token) => signs(token).typst,
    fraction: (above, below) => `frac(${above}, ${below})`,
    root: (of, degree) => (degree ? `root(${degree}, ${of})` : `sqrt(${of})`),
    scripts: (base, sub, sup) => `${base || '""'}${sub && `_(${sub})`}${sup && `^(${sup})`}`,
    accent: (name, of) => `${name === "vec" ? "arrow" : name === "bar" ? "macron" : name}(${of})`,
    grid: (rows) => `mat(delim: #none, ${rows.map((row) => row.join(", ")).join("; ")})`,
    between: " ",
  },
  asciimath: {
    sign: (token) => signs(token).asciimath,
    fraction: (above, below) => `(${above})/(${below})`,
    root: (of, degree) => (degree ? `root(${degree})(${of})` : `sqrt(${of})`),
    scripts: (base, sub, sup) => `${base || "{}"}${sub && `_(${sub})`}${sup && `^(${sup})`}`,
    accent: (name, of) => `${name}(${of})`,
    grid: (rows) => `{:${rows.map((row) => `(${row.join(",")})`).join(",")}:}`,
    between: " ",
  },
  unicode: {
    sign: (token) => signs(token).unicode,
    fraction: (above, below) => `${round(above)}/${round(below)}`,
    root: (of, degree) => `${raised(degree)}√${round(of)}`,
    scripts: (base, sub, sup) => `${base}${sub && lowered(sub)}${sup && raised(sup)}`,
    accent: (name, of) => `${of}${{ hat: "̂", bar: "̄", vec: "⃗", dot: "̇", ddot: "̈", tilde: "̃" }[name] ?? ""}`,
    grid: (rows) => rows.map((row) => row.join(" ")).join("; "),
    between: "",
  },
};

function in_(latex: string, dialect: Dialect): string {
  const row = parse(tokenize(latex));
  return row ? written_(row, dialect) : latex;
}

function written_(row: Row, dialect: Dialect): string {
  const parts = row.map((node) => part(node, dialect)).filter(Boolean);
  if (dialect.between) return digitsJoined(parts).join(dialect.between);
  return parts.map((text) => (/^[=<>≤≥≠≡≈∼→∈+−×÷±]$/.test(text) && parts.length > 1 ? ` ${text} ` : text)).join("").trim();
}

function part(node: Node, dialect: Dialect): string {
  const inner = (row: Row | null) => (row ? written_(row, dialect) : "");
  if (node.is === "symbol") return dialect.sign(node.token);
  if (node.is === "group") return inner(node.row);
  if (node.is === "fenced") return `${fence(node.left, dialect)}${inner(node.row)}${fence(node.right, dialect)}`;
  if (node.is === "grid") return dialect.grid(node.rows.map((row) => row.map(inner)));
  if (node.is === "scripts") return dialect.scripts(node.base ? part(node.base, dialect) : "", inner(node.sub), inner(node.sup));
  const [first, second] = node.args.map(inner);
  if (node.token === "\\sqrt") return dialect.root(first, inner(node.option));
  return second === undefined ? dialect.accent(node.token.slice(1), first) : dialect.fraction(first, second);
}

const fence = (token: string, dialect: Dialect) => (token === "." || kind(token) !== "symbol" ? "" : dialect.sign(token));

/** Digits that stand side by side are one number. */
function digitsJoined(parts: readonly string[]): string[] {
  return parts.reduce<string[]>((out, text) => {
    const last = out.length - 1;
    if (/^[0-9.]$/.test(text) && /^[0-9]*\.?[0-9]*$/.test(out[last] ?? "x")) out[last] += text;
    else out.push(text);
    return out;
  }, []);
}

const RAISED = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺−⁻=⁼(⁽)⁾nⁿiⁱ′′";
const LOWERED = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊−₋=₌(₍)₎aₐeₑiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓ";

const raised = (text: string) => small(text, RAISED) ?? `^${round(text)}`;
const lowered = (text: string) => small(text, LOWERED) ?? `_${round(text)}`;

function small(text: string, pairs: string): string | null {
  const letters = [...text.replaceAll(" ", "")].map((letter) => pairs[2 * [...pairs].filter((_, i) => i % 2 === 0).indexOf(letter) + 1]);
  return letters.every(Boolean) ? letters.join("") : null;
}
