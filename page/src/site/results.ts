// The readings of a sheet: every line a formula, its symbols to be clicked, its other readings beside it.
import type { Line, Session } from "./session.js";
import type { Reading } from "../recognizer/reader.js";
import { h, icon, iconButton } from "./dom.js";
import { compact } from "./formats.js";
import { pictured, show, spoken } from "./show.js";
import { texts } from "./texts.js";

/** What a line's result asks of the page. */
export interface Asks {
  light(strokes: readonly number[]): void;
  /** A reading has been mended. */
  mended(line: number): void;
  say(text: string): void;
  /** Say something to those who listen only. */
  speak(text: string): void;
}

/** Other readings are shown from this confidence on. */
const LEAST = 0.02;

export class Results {
  readonly element = h("section", { class: "results", "aria-label": texts.results });
  private rows: Row[] = [];

  constructor(private readonly session: Session, private readonly asks: Asks) {}

  /** Show the session's lines; what has not changed is left alone. */
  update(): void {
    const { lines } = this.session;
    while (this.rows.length > lines.length) this.rows.pop()?.element.remove();
    while (this.rows.length < lines.length) {
      const row = new Row(this.rows.length, this.session, this.asks);
      this.rows.push(row);
      this.element.append(row.element);
    }
    lines.forEach((line, i) => this.rows[i].update(line, lines.length > 1));
    this.element.classList.toggle("several", lines.length > 1);
  }
}

class Row {
  readonly element: HTMLElement;
  private readonly formula = h("div", { class: "formula", tabindex: "0", role: "group" });
  private readonly others = h("div", { class: "others", role: "group", "aria-label": texts.alternatives });
  private readonly sure = h("span", { class: "sure" });
  private readonly menu = h("div", { class: "menu", popover: "auto" });
  private latex: string | null = null;
  private listed = "";
  private chosen = -1;

  constructor(private readonly index: number, private readonly session: Session, private readonly asks: Asks) {
    const edit = iconButton("edit", texts.edit, () => void this.edit());
    const side = h("div", { class: "side" }, this.sure, edit);
    this.element = h("article", { class: "line" }, h("div", { class: "main" }, this.formula, side), this.others, this.menu);
    this.formula.addEventListener("click", (event) => this.clicked(event));
    this.formula.addEventListener("keydown", (event) => this.key(event));
    this.formula.addEventListener("blur", () => !this.menu.matches(":popover-open") && this.choose(-1));
    this.menu.addEventListener("toggle", (event) => (event as ToggleEvent).newState === "closed" && this.choose(-1));
  }

  update(line: Line, numbered: boolean): void {
    const latex = line.shown?.tokens.join(" ") ?? "";
    if (latex !== this.latex) this.render(latex, numbered);
    this.formula.querySelectorAll<HTMLElement>("[data-t]").forEach((symbol) => {
      symbol.classList.toggle("kept", line.shown?.kept.has(Number(symbol.dataset.t)) ?? false);
    });
    const confidence = line.mine ? null : (line.shown?.confidence ?? null);
    this.sure.textContent = confidence === null ? "" : texts.sure(Math.round(100 * confidence));
    this.sure.style.setProperty("--part", String(confidence ?? 0));
    this.element.dataset.read = line.found?.latex ?? "";
    this.element.dataset.latex = latex;
    this.element.toggleAttribute("data-beams", !!line.found?.alternatives.length);
    this.list(line);
  }

  private render(latex: string, numbered: boolean): void {
    this.latex = latex;
    this.chosen = -1;
    show(this.formula, latex);
    if (numbered) this.element.scrollIntoView({ block: "nearest" });
    const label = latex ? spoken(latex) : texts.reading;
    this.formula.setAttribute("aria-label", numbered ? `${texts.line(this.index + 1)}: ${label}` : label);
    this.element.classList.toggle("waiting", !latex);
  }

  private list(line: Line): void {
    const worthShowing = ({ confidence, latex }: Reading) => latex !== this.latex && (confidence ?? 1) >= LEAST;
    const readings = line.mine ? [] : [line.found, ...(line.found?.alternatives ?? [])]
      .filter((reading): reading is Reading => !!reading && worthShowing(reading))
      .slice(0, 3);
    const key = readings.map((reading) => reading.latex).join("\n");
    if (key === this.listed) return;
    this.listed = key;
    this.others.replaceChildren(...readings.map((reading) => this.other(reading)));
  }

  private other({ latex, confidence }: Reading): HTMLElement {
    const take = () => {
      this.session.edit(this.index, latex);
      this.asks.mended(this.index);
    };
    const percent = confidence !== null && h("small", {}, texts.percent(Math.round(100 * confidence)));
    const said = h("span", { class: "unseen" }, texts.useAlternative);
    return h("button", { type: "button", class: "other", onclick: take }, said, pictured(latex), percent);
  }

  private clicked(event: MouseEvent): void {
    const symbol = (event.target as Element).closest<HTMLElement>("[data-t]");
    if (symbol) this.open(Number(symbol.dataset.t));
  }

  private key(event: KeyboardEvent): void {
    const places = [...this.formula.querySelectorAll<HTMLElement>("[data-t]")].map((symbol) => Number(symbol.dataset.t)).sort((a, b) => a - b);
    const at = places.indexOf(this.chosen);
    if (event.key === "ArrowRight") this.choose(places[Math.min(at + 1, places.length - 1)] ?? -1);
    else if (event.key === "ArrowLeft") this.choose(places[Math.max(at - 1, 0)] ?? -1);
    else if ((event.key === "Enter" || event.key === " ") && this.chosen >= 0) this.open(this.chosen);
    else if (event.key === "Enter") void this.edit();
    else return;
    event.preventDefault();
  }

  /** Light up a symbol, and the ink it was written with. */
  private choose(token: number): void {
    this.chosen = token;
    this.formula.querySelectorAll<HTMLElement>("[data-t]").forEach((symbol) => {
      symbol.classList.toggle("chosen", Number(symbol.dataset.t) === token);
    });
    this.asks.light([]);
    if (token < 0) return;
    this.asks.speak(spoken(this.session.lines[this.index]?.shown?.tokens[token] ?? ""));
    void this.session.strokesOf(this.index, token).then((strokes) => this.chosen === token && this.asks.light(strokes));
  }

  private open(token: number): void {
    this.choose(token);
    const line = this.session.lines[this.index];
    const now = line?.shown?.tokens[token];
    if (!now) return;
    const choices = h("div", { class: "choices" });
    const about = { "aria-label": texts.symbolType, placeholder: texts.symbolType, maxlength: "40", spellcheck: "false" };
    const input = h("input", { type: "text", autocapitalize: "off", ...about });
    const form = h("form", { onsubmit: (event: SubmitEvent) => (event.preventDefault(), input.value && this.take(token, input.value)) }, input);
    const kept = line.shown?.kept.has(token);
    const keep = kept
      ? h("button", { type: "button", onclick: () => this.free(token) }, texts.symbolFree)
      : h("button", { type: "button", onclick: () => this.take(token, now) }, icon("pin"), texts.symbolKeep);
    this.menu.replaceChildren(h("p", {}, texts.symbolReadings), choices, form, keep);
    this.place(token);
    const fill = (readings: readonly Reading[]) => choices.replaceChildren(...readings.slice(0, 6).map((reading) => this.choice(token, reading)));
    fill([{ latex: now, confidence: null }]);
    void this.session.others(this.index, token).then((readings) => {
      fill([{ latex: now, confidence: null }, ...readings.filter((reading) => reading.latex !== now)]);
      // Whoever types already goes on typing.
      if (document.activeElement !== input) choices.querySelector<HTMLElement>("button:nth-child(2)")?.focus();
    });
  }

  private choice(token: number, { latex }: Reading): HTMLElement {
    return h("button", { type: "button", onclick: () => this.take(token, latex) }, pictured(latex));
  }

  private place(token: number): void {
    const symbol = this.formula.querySelector(`[data-t="${token}"]`)?.getBoundingClientRect();
    this.menu.showPopover();
    const { offsetWidth: width } = this.menu;
    const left = symbol ? Math.min(Math.max(8, symbol.left + symbol.width / 2 - width / 2), innerWidth - width - 8) : 8;
    this.menu.style.left = `${left}px`;
    this.menu.style.top = `${(symbol?.bottom ?? 0) + 8}px`;
  }

  private take(token: number, symbol: string): void {
    this.menu.hidePopover();
    const before = this.session.lines[this.index]?.shown?.tokens[token];
    this.session.keep(this.index, token, symbol);
    this.asks.say(texts.kept);
    if (symbol !== before) this.asks.mended(this.index);
    this.formula.focus();
  }

  private free(token: number): void {
    this.menu.hidePopover();
    this.session.free(this.index, token);
    this.formula.focus();
  }

  /** Edit the formula in place; the editor is fetched when it is first needed. */
  private async edit(): Promise<void> {
    const { editor } = await import("./editor.js");
    const latex = await editor(this.formula, compact(this.latex ?? ""));
    const changed = latex !== null && compact(latex) !== compact(this.latex ?? "");
    this.latex = null;
    if (changed) this.session.edit(this.index, latex);
    else this.update(this.session.lines[this.index], this.session.lines.length > 1);
    if (changed) this.asks.mended(this.index);
    this.formula.focus();
  }
}
