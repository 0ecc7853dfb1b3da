// Two ways to be read behind one interface: Nano in a worker of this page, or the server that the page came from.
import type { Call, Progress, Reading, Recognition, Reply, Stroke, SymbolInk } from "./types.js";

export type { Reading, Recognition, Stroke, SymbolInk };

/** Reads strokes. A reading that newer strokes have overtaken is null. */
export interface Reader {
  read(strokes: readonly Stroke[], beams?: number): Promise<Recognition | null>;
  /** Somebody writes: end searches for alternatives and explanations, which then are null. */
  hold?(): void;
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

  hold(): void {
    this.worker?.postMessage({ id: -1, do: "hold" } satisfies Call);
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
  /** Beams that the server takes; fewer once it has refused more. */
  private most = Infinity;

  /** `key` gives the API key of a server that asks for one. */
  constructor(private readonly address: string = "v1/recognize", private readonly key: () => string = () => "") {}

  async read(strokes: readonly Stroke[], beams = 1): Promise<Recognition | null> {
    this.last?.abort();
    const control = (this.last = new AbortController());
    const points = strokes.map((stroke) => stroke.map(([x, y]) => [x, y]));
    const ask = (width: number) => this.post("", JSON.stringify({ strokes: points, beams: width }), "application/json", control.signal);
    try {
      return await this.widest(beams, ask);
    } catch (error) {
      if (control.signal.aborted) return null;
      throw error;
    }
  }

  /** Read a picture. */
  readPicture(picture: Blob, beams = 4): Promise<Recognition> {
    return this.widest(beams, (width) => this.post(`?beams=${width}`, picture, picture.type));
  }

  /** Ask with so many beams or, where the server refuses that, greedily from now on. */
  private async widest(beams: number, ask: (width: number) => Promise<Recognition>): Promise<Recognition> {
    const width = Math.min(beams, this.most);
    try {
      return await ask(width);
    } catch (error) {
      if (!(error instanceof ServerError && error.status === 400 && width > 1)) throw error;
      const found = await ask(1);
      this.most = 1;
      return found;
    }
  }

  private async post(query: string, body: BodyInit, type: string, signal?: AbortSignal): Promise<Recognition> {
    const key = this.key();
    const headers = { "Content-Type": type, ...(key && { Authorization: `Bearer ${key}` }) };
    const response = await fetch(this.address + query, { method: "POST", headers, body, signal: signal ?? null });
    if (!response.ok) throw new ServerError(response.status, await reason(response));
    const answer = (await response.json()) as Told<Recognition>;
    return { ...answer, latex: told(answer), alternatives: answer.alternatives.map((other) => ({ ...other, latex: told(other) })) };
  }
}

/** A server has refused; the message is its own where it gives one. */
class ServerError extends Error {
  constructor(readonly status: number, why: string) {
    super(`the server answers ${status}${why && `: ${why}`}`);
  }
}

async function reason(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => null)) as { error?: { message?: unknown } } | null;
  return typeof answer?.error?.message === "string" ? answer.error.message : "";
}

/** A server tells LaTeX as people write it and, where it is newer, as the model does. */
type Told<Of> = Of & { readonly tokens?: string };

const told = (reading: Told<Reading>) => reading.tokens ?? reading.latex;
