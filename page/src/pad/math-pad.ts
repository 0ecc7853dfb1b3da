// `<math-pad>`: a sheet of paper to write mathematics on, for any page; a form control whose value is LaTeX.
import { extent } from "../recognizer/extent.js";
import { LocalReader, ServerReader, type Reader, type Recognition } from "../recognizer/reader.js";
import { History, moved, type Ink, type PadStroke, type Point } from "./ink.js";
import { Pointers, type Gestures, type Tool } from "./pointers.js";
import { holds, meets, struckOut } from "./shapes.js";
import { View, type Paper } from "./view.js";

/** Detail of the event `ink`. */
export interface InkChange {
  readonly ink: Ink;
  /** False while a stroke is still being written; it is the last one then. */
  readonly settled: boolean;
}

const STYLE = `
  :host { display: block; position: relative; min-height: 8rem; touch-action: none; --pad-ink: #1d2433; --pad-accent: #3556d6;
    --pad-line: #dfe4ee; cursor: crosshair; user-select: none; -webkit-user-select: none; }
  :host([hidden]) { display: none; }
  canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; outline: none; }
  canvas:focus-visible:not(.pointed) { box-shadow: inset 0 0 0 2px var(--pad-accent); }`;
const REACH = 10;
const SAVED_EVERY = 200;

/**
 * Attributes: `paper` (`blank`, `ruled`, `squared`), `tool` (`pen`, `eraser`, `lasso`), `pen-only`, `name`, `label`;
 * `model` (folder of the packed model) and `worker` (address of the built worker), or `server` (address of
 * `/v1/recognize`), to have it read what is written.
 * Events: `ink` (InkChange), `reading` (Recognition), `select` and `penseen`; `input` and `change` as form controls have.
 */
export class MathPad extends HTMLElement implements Gestures {
  static readonly formAssociated = true;
  static readonly observedAttributes = ["paper", "tool", "pen-only", "label"];
  private readonly internals = this.attachInternals();
  private readonly view: View;
  private readonly pointers: Pointers;
  private readonly history = new History();
  private reader: Reader | null = null;
  private latest: Recognition | null = null;
  private drawing: Point[] = [];
  private doing: Tool | "moving" = "pen";
  private untouched: Ink | null = null;
  private chosen = new Set<number>();
  private lit = new Set<number>();
  private lasso: Point[] = [];
  private frame = 0;
  private saved = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    root.append(canvas);
    this.view = new View(canvas);
    this.pointers = new Pointers(this.view, this);
    this.pointers.onPen = () => (this.toggleAttribute("pen-only", true), this.tell("penseen"));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => canvas.classList.remove("pointed"));
    new ResizeObserver(() => this.redraw()).observe(this);
  }

  connectedCallback(): void {
    this.label(this.getAttribute("label") ?? "Paper for handwritten mathematics");
    const [model, worker, server] = ["model", "worker", "server"].map((name) => this.getAttribute(name));
    if (server) this.reader = new ServerReader(server);
    else if (model && worker) this.reader = new LocalReader(worker, model, (loaded, total) => this.tell("progress", { loaded, total }));
    this.redraw();
  }

  disconnectedCallback(): void {
    if (this.reader instanceof LocalReader) this.reader.close();
    this.reader = null;
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === "tool") this.pointers.tool = (value ?? "pen") as Tool;
    if (name === "pen-only") this.pointers.penOnly = value !== null;
    if (name === "label" && value) this.label(value);
    if (name === "tool" && value !== "lasso") this.choose([]);
    this.redraw();
  }

  /** The reading of all that is written, as LaTeX; empty before there is one. */
  get value(): string {
    return this.latest?.latex ?? "";
  }

  get recognition(): Recognition | null {
    return this.latest;
  }

  /** All strokes; setting them forgets what could be undone. */
  get ink(): Ink {
    return this.history.ink;
  }

  set ink(ink: Ink) {
    this.history.restore(ink);
    this.choose([]);
    this.changed();
  }

  /** Whether a stroke is being written right now. */
  get writing(): boolean {
    return this.pointers.active && this.doing === "pen";
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  undo(): void {
    if (this.history.undo()) this.changed();
  }

  redo(): void {
    if (this.history.redo()) this.changed();
  }

  /** Take all ink away; it can be undone. */
  clear(): void {
    if (this.ink.length) this.become([]);
  }

  /** Ids of the strokes that are lit up. */
  get lights(): ReadonlySet<number> {
    return this.lit;
  }

  /** Light up strokes by their ids. */
  light(ids: Iterable<number>): void {
    this.lit = new Set(ids);
    this.redraw();
  }

  /** Zoom around the middle. */
  zoom(factor: number): void {
    this.view.zoom(factor, this.clientWidth / 2, this.clientHeight / 2);
    this.redraw();
  }

  /** Bring all ink into view; without ink the paper lies as at first. */
  fit(): void {
    const below = parseFloat(getComputedStyle(this).getPropertyValue("--pad-below")) || 0;
    if (this.ink.length) this.view.show(extent(this.ink.flatMap((stroke) => stroke.points)), below);
    else (this.view.scale = 1), (this.view.x = this.view.y = 0);
    this.redraw();
  }

  /** Where a place on the paper is on the screen. */
  screen(x: number, y: number): [number, number] {
    const corner = this.view.canvas.getBoundingClientRect();
    return [corner.left + this.view.x + x * this.view.scale, corner.top + this.view.y + y * this.view.scale];
  }

  deleteChosen(): void {
    if (!this.chosen.size) return;
    const rest = this.ink.filter((stroke) => !this.chosen.has(stroke.id));
    this.choose([]);
    this.become(rest);
  }

  begin(tool: Tool, at: Point): void {
    this.view.canvas.classList.add("pointed"); // so that no frame shows around what is written on
    this.view.canvas.focus({ preventScroll: true });
    this.untouched = this.ink;
    this.drawing = [at];
    this.lasso = [];
    const frame = this.chosenBox();
    const inside = frame && at[0] > frame.left - 8 && at[0] < frame.right + 8 && at[1] > frame.top - 8 && at[1] < frame.bottom + 8;
    this.doing = tool === "lasso" && inside ? "moving" : tool;
    if (this.doing !== "moving") this.choose([]);
    if (this.doing === "pen") this.light([]), this.tell("strokestart");
    this.redraw();
  }

  move(points: readonly Point[]): void {
    const last = this.drawing[this.drawing.length - 1];
    if (this.doing === "eraser") this.erase(last, points);
    if (this.doing === "moving") this.shift(points[points.length - 1], last);
    this.drawing.push(...points.filter(([x, y], i) => {
      const [px, py] = i ? points[i - 1] : last;
      return x !== px || y !== py;
    }));
    if (this.doing === "lasso") this.lasso = this.drawing;
    this.redraw();
    if (this.doing === "pen" && performance.now() - this.saved > SAVED_EVERY) this.save(false);
  }

  end(): void {
    const points = this.drawing;
    this.drawing = [];
    this.lasso = [];
    if (this.doing === "pen") this.write(points);
    else if (this.doing === "lasso") this.choose(this.ink.filter((stroke) => holds(points, stroke)).map(({ id }) => id));
    else if (this.untouched && this.untouched !== this.ink) {
      const after = this.ink;
      this.history.ink = this.untouched;
      this.become(after);
    }
    this.redraw();
  }

  cancel(): void {
    this.drawing = [];
    this.lasso = [];
    if (this.untouched) this.history.ink = this.untouched;
    this.redraw();
    this.save(true);
  }

  panned(): void {
    this.redraw();
  }

  formResetCallback(): void {
    this.clear();
  }

  private write(points: readonly Point[]): void {
    const gone = new Set(struckOut(points, this.ink));
    if (gone.size) this.become(this.ink.filter((stroke) => !gone.has(stroke)));
    else this.become([...this.ink, this.history.stroke(points)]);
  }

  private erase(from: Point, points: readonly Point[]): void {
    const reach = REACH / this.view.scale;
    points.forEach((point, i) => {
      const start = i ? points[i - 1] : from;
      const rest = this.ink.filter((stroke) => !meets(stroke, start, point, reach));
      if (rest.length < this.ink.length) this.history.ink = rest;
    });
  }

  private shift([x, y]: Point, [px, py]: Point): void {
    const move = (stroke: PadStroke) => (this.chosen.has(stroke.id) ? moved(stroke, x - px, y - py) : stroke);
    this.history.ink = this.ink.map(move);
  }

  private choose(ids: readonly number[]): void {
    if (!ids.length && !this.chosen.size) return;
    this.chosen = new Set(ids);
    this.tell("select", { ids });
    this.redraw();
  }

  private chosenBox() {
    const points = this.ink.filter((stroke) => this.chosen.has(stroke.id)).flatMap((stroke) => stroke.points);
    return points.length ? extent(points) : null;
  }

  private become(ink: Ink): void {
    this.history.change(ink);
    this.changed();
  }

  private changed(): void {
    this.redraw();
    this.save(true);
    if (this.reader) void this.read(this.reader);
  }

  private save(settled: boolean): void {
    this.saved = performance.now();
    const ink = settled ? this.ink : [...this.ink, { id: -1, points: [...this.drawing] }];
    this.tell("ink", { ink, settled } satisfies InkChange);
  }

  private async read(reader: Reader): Promise<void> {
    const strokes = this.ink.map((stroke) => stroke.points);
    try {
      const found = strokes.length ? await reader.read(strokes, 4) : null;
      if (strokes.length && !found) return;
      this.latest = found;
      this.internals.setFormValue(this.value);
      this.tell("reading", found);
      for (const name of ["input", "change"]) this.dispatchEvent(new Event(name, { bubbles: true }));
    } catch (error) {
      this.tell("error", error);
    }
  }

  private key(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey;
    const pan: Record<string, [number, number]> = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (command && event.key.toLowerCase() === "z") event.shiftKey ? this.redo() : this.undo();
    else if (command && event.key.toLowerCase() === "y") this.redo();
    else if (command || event.altKey) return;
    else if (event.key === "Delete" || event.key === "Backspace") this.deleteChosen();
    else if (event.key === "Escape") this.choose([]), this.light([]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.fit();
    else if (pan[event.key]) (this.view.x += pan[event.key][0]), (this.view.y += pan[event.key][1]), this.redraw();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private label(text: string): void {
    this.view.canvas.setAttribute("aria-label", text);
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Draw anew, soon; also to be called when the colors have changed. */
  redraw(): void {
    if (!this.frame && this.isConnected) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const style = getComputedStyle(this);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const drawing = this.doing === "pen" && this.drawing.length ? { id: -1, points: this.drawing } : null;
    const scene = {
      ink: this.ink, drawing, lit: this.lit, chosen: this.chosen, lasso: this.lasso, frame: this.chosenBox(),
      paper: (this.getAttribute("paper") ?? "blank") as Paper,
    };
    this.view.draw(scene, { ink: color("--pad-ink"), accent: color("--pad-accent"), line: color("--pad-line") }, devicePixelRatio);
  }
}
