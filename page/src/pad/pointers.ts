// What pens, fingers and mice do on a pad: write, erase, lasso, move, pan and zoom; palms do nothing.
import type { Point } from "./ink.js";
import type { View } from "./view.js";

export type Tool = "pen" | "eraser" | "lasso";

/** What a pad does with gestures; places are those of the paper. */
export interface Gestures {
  begin(tool: Tool, at: Point): void;
  move(points: readonly Point[]): void;
  end(): void;
  cancel(): void;
  panned(): void;
}

/** A finger's contact wider than this, in pixels, is a palm. */
const PALM = 60;
/** A second finger so soon after the first means to zoom. */
const PINCH = 250;

interface Contact {
  x: number;
  y: number;
}

export class Pointers {
  tool: Tool = "pen";
  /** Whether only pens write; set as soon as one is seen. */
  penOnly = false;
  onPen: () => void = () => {};
  private writing: { id: number; type: string; since: number } | null = null;
  private readonly contacts = new Map<number, Contact>();
  private readonly palms = new Set<number>();

  constructor(private readonly view: View, private readonly gestures: Gestures) {
    const { canvas } = view;
    const listen = <Name extends "pointerdown" | "pointermove" | "pointerup" | "pointercancel">(
      name: Name, handler: (event: PointerEvent) => void,
    ) => canvas.addEventListener(name, handler);
    listen("pointerdown", (event) => this.down(event));
    listen("pointermove", (event) => this.moved(event));
    listen("pointerup", (event) => this.up(event));
    listen("pointercancel", (event) => this.up(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    // Safari scrolls and magnifies with fingers in spite of `touch-action` unless this is prevented.
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Whether a stroke is being written. */
  get active(): boolean {
    return this.writing !== null;
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === "pen") this.sawPen();
    if (event.pointerType === "touch" && this.isPalm(event)) {
      this.palms.add(event.pointerId);
      return;
    }
    if (event.pointerType === "touch") this.contacts.set(event.pointerId, this.place(event));
    if (this.pans(event)) {
      this.contacts.set(event.pointerId, this.place(event));
      return this.capture(event);
    }
    if (this.writing) return this.secondFinger(event);
    this.capture(event);
    const tool = event.buttons & 32 ? "eraser" : this.tool;
    this.writing = { id: event.pointerId, type: event.pointerType, since: event.timeStamp };
    this.gestures.begin(tool, this.point(event));
  }

  private moved(event: PointerEvent): void {
    if (this.palms.has(event.pointerId)) return;
    if (this.writing?.id === event.pointerId) {
      if (event.pointerType === "touch" && this.isPalm(event)) return this.drop();
      const all = event.getCoalescedEvents?.() ?? [];
      this.gestures.move((all.length ? all : [event]).map((part) => this.point(part)));
    } else if (this.contacts.has(event.pointerId)) this.pan(event);
  }

  private up(event: PointerEvent): void {
    this.palms.delete(event.pointerId);
    this.contacts.delete(event.pointerId);
    if (this.writing?.id !== event.pointerId) return;
    // A canceled pointer ends what was written like a lifted one: systems take pens away for gestures of their own.
    this.writing = null;
    this.gestures.end();
  }

  /** A pen is here: what a hand has begun beside it was not meant. */
  private sawPen(): void {
    if (this.writing?.type === "touch") this.drop();
    this.contacts.clear();
    if (!this.penOnly) (this.penOnly = true), this.onPen();
  }

  private secondFinger(event: PointerEvent): void {
    const first = this.writing;
    if (first?.type !== "touch" || event.pointerType !== "touch") return;
    if (event.timeStamp - first.since < PINCH) this.drop();
    else this.contacts.delete(event.pointerId);
  }

  private drop(): void {
    this.writing = null;
    this.gestures.cancel();
  }

  private isPalm(event: PointerEvent): boolean {
    return Math.max(event.width, event.height) > PALM || this.writing?.type === "pen";
  }

  private pans(event: PointerEvent): boolean {
    if (event.pointerType === "mouse") return event.button === 1;
    return event.pointerType === "touch" && !this.writing && (this.penOnly || this.contacts.size > 1);
  }

  private pan(event: PointerEvent): void {
    const old = this.contacts.get(event.pointerId) as Contact;
    const now = this.place(event);
    const other = [...this.contacts].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(old.x - other.x, old.y - other.y);
      if (before) this.view.zoom(Math.hypot(now.x - other.x, now.y - other.y) / before, other.x, other.y);
    } else {
      this.view.x += now.x - old.x;
      this.view.y += now.y - old.y;
    }
    this.contacts.set(event.pointerId, now);
    this.gestures.panned();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.place(event);
    if (event.ctrlKey || event.metaKey) this.view.zoom(Math.exp(-event.deltaY / 200), x, y);
    else (this.view.x -= event.deltaX), (this.view.y -= event.deltaY);
    this.gestures.panned();
  }

  private capture(event: PointerEvent): void {
    try {
      this.view.canvas.setPointerCapture(event.pointerId);
    } catch {
      // Already gone, as synthetic pointers are; it will write inside the canvas only.
    }
  }

  private place(event: MouseEvent): Contact {
    const corner = this.view.canvas.getBoundingClientRect();
    return { x: event.clientX - corner.left, y: event.clientY - corner.top };
  }

  private point(event: PointerEvent): Point {
    const { x, y } = this.place(event);
    const [px, py] = this.view.paper(x, y);
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.5;
    return [px, py, pressure];
  }
}
