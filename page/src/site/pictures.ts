// Reads a picture: dropped, pasted, chosen or photographed; cropped and turned here, read by the server.
import type { Recognition, ServerReader } from "../recognizer/reader.js";
import { dialog, h, iconButton } from "./dom.js";
import { show } from "./show.js";
import { texts } from "./texts.js";

const LONGEST = 2000;

export function openPicture(reader: ServerReader, first: Blob | null, copy: (latex: string) => void): void {
  const canvas = h("canvas", { class: "picture", hidden: true });
  const result = h("div", { class: "formula", "aria-live": "polite" });
  const file = (extra: Record<string, string>) => h("input", {
    type: "file", accept: "image/*", ...extra, onchange: (event: Event) => void take((event.target as HTMLInputElement).files?.[0]),
  });
  const how = h("p", {}, texts.pictureHow);
  const read = h("button", { type: "button", class: "primary", disabled: true, onclick: () => void ask() }, texts.readPicture);
  const turn = iconButton("turn", texts.turn, () => crop.turn(), { disabled: true });
  const choose = h("label", { class: "button" }, texts.choose, file({ class: "hidden-input" }));
  const photograph = h("label", { class: "button" }, texts.photograph, file({ class: "hidden-input", capture: "environment" }));
  const box = dialog(texts.picture, texts.close, how, canvas, h("div", { class: "row" }, choose, photograph, turn, read), result);
  const crop = new Crop(canvas);
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close(); // one at a time
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    void take(event.dataTransfer?.files[0]);
  });

  async function take(blob: Blob | undefined | null): Promise<void> {
    if (!blob) return;
    try {
      crop.load(await createImageBitmap(blob, { imageOrientation: "from-image" }));
      canvas.hidden = false;
      read.disabled = turn.disabled = false;
    } catch {
      result.textContent = texts.pictureBad;
    }
  }

  async function ask(): Promise<void> {
    result.textContent = texts.reading;
    try {
      const found: Recognition = await reader.readPicture(await crop.blob());
      show(result, found.latex);
      result.append(h("button", { type: "button", onclick: () => copy(found.latex) }, texts.copy));
    } catch (error) {
      result.textContent = texts.noReader(error instanceof Error ? error.message : String(error));
    }
  }

  box.showModal();
  void take(first);
}

/** A picture on a canvas, of which a part can be marked by dragging. */
class Crop {
  private picture: ImageBitmap | HTMLCanvasElement | null = null;
  private from: [number, number] | null = null;
  private part: [number, number, number, number] | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.from = this.place(event);
      this.part = null;
      this.draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      const [x, y] = this.place(event);
      this.part = [Math.min(x, this.from[0]), Math.min(y, this.from[1]), Math.abs(x - this.from[0]), Math.abs(y - this.from[1])];
      this.draw();
    });
    canvas.addEventListener("pointerup", () => (this.from = null));
  }

  load(picture: ImageBitmap | HTMLCanvasElement): void {
    this.picture = picture;
    this.part = null;
    const factor = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    this.canvas.width = Math.round(picture.width * factor);
    this.canvas.height = Math.round(picture.height * factor);
    this.draw();
  }

  /** Turn by a quarter, clockwise. */
  turn(): void {
    if (!this.picture) return;
    const turned = h("canvas");
    [turned.width, turned.height] = [this.canvas.height, this.canvas.width];
    const context = turned.getContext("2d") as CanvasRenderingContext2D;
    context.translate(turned.width, 0);
    context.rotate(Math.PI / 2);
    context.drawImage(this.picture, 0, 0, this.canvas.width, this.canvas.height);
    this.load(turned);
  }

  blob(): Promise<Blob> {
    const { width, height } = this.canvas;
    const [x, y, w, h_] = this.part && this.part[2] > 8 && this.part[3] > 8 ? this.part : [0, 0, width, height];
    const out = h("canvas");
    [out.width, out.height] = [Math.round(w), Math.round(h_)];
    const context = out.getContext("2d") as CanvasRenderingContext2D;
    if (this.picture) context.drawImage(this.picture, -x, -y, width, height);
    return new Promise((resolve, reject) => out.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(texts.pictureBad))), "image/png"));
  }

  private draw(): void {
    if (!this.picture) return;
    const context = this.canvas.getContext("2d") as CanvasRenderingContext2D;
    const { width, height } = this.canvas;
    context.drawImage(this.picture, 0, 0, width, height);
    if (!this.part) return;
    const [x, y, w, h_] = this.part;
    context.fillStyle = "rgb(0 0 0 / 45%)";
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(x, y, w, h_);
    context.fill("evenodd");
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
}
