// Shows ink on a canvas: paper, strokes as wide as they were pressed, what is lit up or selected; zoom and pan.
import type { Ink, PadStroke } from "./ink.js";
import type { Extent } from "../recognizer/extent.js";

export type Paper = "blank" | "ruled" | "squared";

/** Colors of a pad, from its style. */
export interface Colors {
  readonly ink: string;
  readonly accent: string;
  readonly line: string;
}

/** What is shown. */
export interface Scene {
  readonly ink: Ink;
  readonly drawing: PadStroke | null;
  readonly lit: ReadonlySet<number>;
  readonly chosen: ReadonlySet<number>;
  readonly lasso: readonly (readonly number[])[];
  readonly frame: Extent | null;
  readonly paper: Paper;
}

const STEP = 40;
const [LEAST, MOST] = [0.2, 5];

export class View {
  scale = 1;
  x = 0;
  y = 0;
  private readonly context: CanvasRenderingContext2D;
  private shapes = new WeakMap<PadStroke, Path2D>();

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d") as CanvasRenderingContext2D;
  }

  /** The place on the paper under a place on the screen, in pixels from the canvas' corner. */
  paper(x: number, y: number): [number, number] {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** Zoom by `factor` around a place on the screen. */
  zoom(factor: number, x: number, y: number): void {
    const scale = Math.min(Math.max(this.scale * factor, LEAST), MOST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
  }

  /** Show all of `box`, at most at its own size, in what is above the lowest `below` pixels. */
  show(box: Extent, below: number): void {
    const { clientWidth: width, clientHeight } = this.canvas;
    const height = Math.max(clientHeight - below, clientHeight / 2);
    const [w, h] = [box.right - box.left, box.bottom - box.top];
    this.scale = Math.min(Math.max(Math.min((0.9 * width) / w, (0.9 * height) / h, 1), LEAST), MOST);
    this.x = (width - (box.left + box.right) * this.scale) / 2;
    this.y = (height - (box.top + box.bottom) * this.scale) / 2;
  }

  draw(scene: Scene, colors: Colors, density: number): void {
    const { canvas, context } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width !== w || canvas.height !== h) (canvas.width = w), (canvas.height = h);
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    this.lines(scene.paper, colors.line, width, height);
    context.setTransform(density * this.scale, 0, 0, density * this.scale, density * this.x, density * this.y);
    for (const stroke of scene.ink) {
      const special = scene.lit.has(stroke.id) || scene.chosen.has(stroke.id);
      this.stroke(stroke, special ? colors.accent : colors.ink, scene.lit.has(stroke.id));
    }
    if (scene.drawing) context.fillStyle = colors.ink, context.fill(outline(scene.drawing));
    this.selection(scene, colors.accent);
  }

  private stroke(stroke: PadStroke, color: string, halo: boolean): void {
    let shape = this.shapes.get(stroke);
    if (!shape) this.shapes.set(stroke, (shape = outline(stroke)));
    const { context } = this;
    if (halo) {
      context.save();
      context.globalAlpha = 0.25;
      context.strokeStyle = color;
      context.lineWidth = 12;
      context.lineJoin = "round";
      context.stroke(shape);
      context.restore();
    }
    context.fillStyle = color;
    context.fill(shape);
  }

  private selection({ lasso, frame }: Scene, color: string): void {
    const { context, scale } = this;
    context.strokeStyle = color;
    context.lineWidth = 1.5 / scale;
    context.setLineDash([6 / scale, 4 / scale]);
    if (lasso.length) {
      context.beginPath();
      lasso.forEach(([x, y]) => context.lineTo(x, y));
      context.stroke();
    }
    if (frame) context.strokeRect(frame.left - 8, frame.top - 8, frame.right - frame.left + 16, frame.bottom - frame.top + 16);
    context.setLineDash([]);
  }

  private lines(paper: Paper, color: string, width: number, height: number): void {
    if (paper === "blank") return;
    const { context } = this;
    const step = STEP * this.scale * (paper === "ruled" ? 2 : 1);
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.beginPath();
    const first = (offset: number) => Math.round(((offset % step) + step) % step) + 0.5;
    for (let y = first(this.y); y < height; y += step) context.moveTo(0, Math.round(y) + 0.5), context.lineTo(width, Math.round(y) + 0.5);
    if (paper === "squared") {
      for (let x = first(this.x); x < width; x += step) context.moveTo(Math.round(x) + 0.5, 0), context.lineTo(Math.round(x) + 0.5, height);
    }
    context.stroke();
  }
}

/** The shape of a stroke: discs joined by quadrangles, half to one and a half times 3.2 wide as it was pressed. */
function outline({ points }: PadStroke): Path2D {
  const path = new Path2D();
  const width = (pressure: number) => 1.6 * (0.5 + pressure);
  points.forEach(([x, y, pressure], i) => {
    const reach = points.length === 1 ? 1.6 * width(pressure) : width(pressure);
    path.moveTo(x + reach, y);
    path.arc(x, y, reach, 0, 2 * Math.PI);
    if (!i) return;
    const [px, py, before] = points[i - 1];
    const length = Math.hypot(x - px, y - py);
    if (!length) return;
    const [nx, ny] = [(y - py) / length, (px - x) / length];
    const start = width(before);
    // The same way round as the discs, so that no part is counted twice and left empty.
    path.moveTo(px - nx * start, py - ny * start);
    path.lineTo(px + nx * start, py + ny * start);
    path.lineTo(x + nx * reach, y + ny * reach);
    path.lineTo(x - nx * reach, y - ny * reach);
    path.closePath();
  });
  return path;
}
