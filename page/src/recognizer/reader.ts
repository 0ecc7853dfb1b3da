// Two ways to be read behind one interface: Nano in a worker of this page, or the server that the page came from.
import type { Call, Progress, Reading, Recognition, Reply, Stroke, SymbolInk } from "./types.js";

export type { Reading, Recognition, Stroke, SymbolInk };

/** Reads strokes. A reading that newer strokes have overtaken is null. */
export interface Reader {
  read(strokes: readonly Stroke[], beams?: number): Promise<Recognition | null>;
}

type Question = Call extends infer Each ? (Each extends unknown ? Omit<Each, "id"> : never) : never;

/** Nano in a worker: needs no server, and nothing that is written leaves the machine. */
export class LocalReader implements Reader {
  private worker: Worker | null = null;
  private readonly open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private count = 0;
  /** Resolved when the model is there. */
  readonly ready: Promise<void>;

  /**
   * Start `worker`, the built recognizer worker, with the model in `folder`, both addresses on this origin, `after`
   * something else.
   */
  constructor(worker: string | URL, folder: string | URL, progress: Progress = () => {}, after: Promise<unknown> = Promise.resolve()) {
    this.ready = after.then(() => this.start(new Worker(worker, { type: "module" }), folder, progress));
    this.ready.catch(() => {});
  }

  private start(worker: Worker, folder: string | URL, progress: Progress): Promise<void> {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("loaded" in data) progress(data.loaded, data.total);
      else this.settle(data);
    };
    worker.onerror = () => this.open.forEach(({ reject }) => reject(new Error("the recognizer did not start")));
    return this.ask<void>({ do: "load", folder: new URL("./", new URL(folder, location.href)).href });
  }

  async read(strokes: readonly Stroke[], beams = 1): Promise<Recognition | null> {
    await this.ready;
    return this.ask<Recognition | null>({ do: "read", strokes, beams });
  }

  /** Which strokes each symbol of a reading was written with; null when something else was asked meanwhile. */
  explain(strokes: readonly Stroke[], latex: string): Promise<SymbolInk[] | null> {
    return this.ask<SymbolInk[] | null>({ do: "explain", strokes, latex });
  }

  /** What else the symbol at `token` of a reading may be. */
  others(strokes: readonly Stroke[], latex: string, token: number): Promise<Reading[]> {
    return this.ask<Reading[]>({ do: "others", strokes, latex, token });
  }

  close(): void {
    this.worker?.terminate();
  }

  private ask<Result>(question: Question): Promise<Result> {
    const id = this.count++;
    return new Promise<Result>((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      this.worker?.postMessage({ id, ...question });
    });
  }

  private settle(reply: Exclude<Reply, { loaded: number }>): void {
    const call = this.open.get(reply.id);
    this.open.delete(reply.id);
    if ("error" in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.result as never);
  }
}

/** The server that the page came from, or another that allows it. */
export class ServerReader implements Reader {
  private last: AbortController | null = null;

  constructor(private readonly address: string = "v1/recognize") {}

  async read(strokes: readonly Stroke[], beams = 1): Promise<Recognition | null> {
    this.last?.abort();
    const control = (this.last = new AbortController());
    const body = JSON.stringify({ strokes: strokes.map((stroke) => stroke.map(([x, y]) => [x, y])), beams });
    try {
      return await this.post(body, "application/json", control.signal);
    } catch (error) {
      if (control.signal.aborted) return null;
      throw error;
    }
  }

  /** Read a picture. */
  readPicture(picture: Blob): Promise<Recognition> {
    return this.post(picture, picture.type);
  }

  private async post(body: BodyInit, type: string, signal?: AbortSignal): Promise<Recognition> {
    const headers = { "Content-Type": type };
    const response = await fetch(this.address, { method: "POST", headers, body, signal: signal ?? null });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const answer = (await response.json()) as Told<Recognition>;
    return { ...answer, latex: told(answer), alternatives: answer.alternatives.map((other) => ({ ...other, latex: told(other) })) };
  }
}

/** A server tells LaTeX as people write it and, where it is newer, as the model does. */
type Told<Of> = Of & { readonly tokens?: string };

const told = (reading: Told<Reading>) => reading.tokens ?? reading.latex;
