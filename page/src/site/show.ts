// Shows formulas: by KaTeX, every symbol marked with the place of its token; what is no formula, as text.
import katex from "katex";
import { parse, tokenize, type Node, type Row } from "../recognizer/latex.js";
import { h } from "./dom.js";

const LIMITS = new Set(["sum", "prod", "lim", "max", "min", "sup", "inf", "coprod", "bigcup", "bigcap", "limsup", "liminf"]
  .map((name) => `\\${name}`));
const OPERATOR = /^\\(int|iint|oint|sin|cos|tan|cot|sec|csc|log|ln|lg|exp|arcsin|arccos|arctan|sinh|cosh|tanh|det|dim|ker|gcd|arg|deg)$/;
const MOST_TOKENS = 2000;

/** Fill `place` with a formula. Symbols carry `data-t`, the place of their token. */
export function show(place: HTMLElement, latex: string, display = true): void {
  const tokens = tokenize(latex);
  const row = tokens.length > MOST_TOKENS ? null : parse(tokens);
  try {
    if (!row?.length) throw new Error("no formula");
    katex.render(written(row), place, {
      displayMode: display, throwOnError: true, strict: false, maxExpand: 100, maxSize: 20,
      trust: ({ command }) => command === "\\htmlData",
    });
    // The ready-made accessible copy would hold our marks as text.
    place.querySelector("annotation")?.replaceChildren(latex);
  } catch {
    place.replaceChildren(h("code", { class: "raw" }, latex));
  }
}

/** A formula as a picture that is spoken in words, to stand inside a button. */
export function pictured(latex: string): HTMLElement {
  const formula = h("span", { "aria-hidden": "true" });
  show(formula, latex, false);
  return h("span", { role: "img", "aria-label": spoken(latex) }, formula);
}

function written(row: Row): string {
  return row.map(part).join(" ");
}

function part(node: Node): string {
  const braces = (inner: Row) => `{${written(inner)}}`;
  if (node.is === "symbol") return symbol(node.token, node.at);
  if (node.is === "group") return braces(node.row);
  if (node.is === "fenced") return `\\left${node.left} ${written(node.row)}\\right${node.right} `;
  if (node.is === "grid") {
    const rows = node.rows.map((cells) => cells.map(written).join("&")).join("\\\\");
    return `\\begin{${node.name}}${rows}\\end{${node.name}}`;
  }
  if (node.is === "command") {
    const option = node.option ? `[{${written(node.option)}}]` : "";
    return marked(`${node.token}${option}${node.args.map(braces).join("")}`, node.at);
  }
  const base = node.base ? part(node.base) : "{}";
  const limits = node.limits && node.base?.is === "symbol" && isOperator(node.base.token) ? "\\limits" : "";
  return `${base}${limits}${node.sub ? `_${braces(node.sub)}` : ""}${node.sup ? `^${braces(node.sup)}` : ""}`;
}

/** A symbol that can be clicked; one that is an operator stays one, so that limits find their place. */
function symbol(token: string, at: number): string {
  if (!/^([A-Za-z0-9]|\\[A-Za-z]+|\\[{}|%&#$_]|[^\sA-Za-z0-9\\{}^_&#$%~])$/.test(token)) throw new Error("no symbol");
  if (token === "\\prime" || token === "'") return token;
  if (!isOperator(token)) return marked(token, at);
  return `\\mathop{${marked(token, at)}}${LIMITS.has(token) ? "" : "\\nolimits"}`;
}

const isOperator = (token: string) => LIMITS.has(token) || OPERATOR.test(token);
const marked = (latex: string, at: number) => `\\htmlData{t=${at}}{${latex}}`;

/** How a formula is spoken: plain words, good enough for labels. */
export function spoken(latex: string): string {
  const row = parse(tokenize(latex));
  return row ? words(row).replace(/\s+/g, " ").trim() : latex;
}

const WORDS: Record<string, string> = {
  "+": "plus", "-": "minus", "=": "equals", "<": "less than", ">": "greater than", "\\leq": "at most", "\\geq": "at least",
  "\\neq": "not equal to", "\\times": "times", "\\cdot": "times", "\\div": "divided by", "/": "over", "\\int": "integral",
  "\\infty": "infinity", "\\rightarrow": "to", "\\pm": "plus or minus", "(": "open parenthesis", ")": "close parenthesis",
  "\\ldots": "and so on", "\\cdots": "and so on", "\\lim": "limit", ",": "comma", "!": "factorial", "\\prime": "prime",
};

function words(row: Row): string {
  return row.map((node): string => {
    if (node.is === "symbol") return WORDS[node.token] ?? node.token.replace("\\", "");
    if (node.is === "group" || node.is === "fenced") return words(node.row);
    if (node.is === "grid") return `table ${node.rows.map((cells) => cells.map(words).join(", ")).join("; ")} end table`;
    if (node.is === "scripts") {
      const base = node.base ? words([node.base]) : "";
      return `${base}${node.sub ? ` sub ${words(node.sub)}` : ""}${node.sup ? ` to the ${words(node.sup)}` : ""}`;
    }
    if (node.token === "\\frac") return `fraction ${words(node.args[0])} over ${words(node.args[1])} end fraction`;
    if (node.token === "\\sqrt") return `root of ${words(node.args[0])} end root`;
    return `${words(node.args[0])} ${node.token.slice(1)}`;
  }).join(" ");
}
