// What the page remembers, in the browser's IndexedDB: the sheet being written, the history, corrections, settings.
import type { Ink } from "../pad/ink.js";

/** The sheet being written. */
export interface Sheet {
  readonly ink: Ink;
  /** What is shown of its lines, with all that somebody has mended. */
  readonly marks: readonly Mark[];
}

export interface Mark {
  /** Ids of the line's strokes. */
  readonly strokes: readonly number[];
  readonly latex: string;
  /** Places of tokens that are kept, with the strokes of each. */
  readonly kept: readonly (readonly [number, readonly number[]])[];
  /** Whether a person has said what it is. */
  readonly mine: boolean;
}

export interface Past extends Sheet {
  readonly time: number;
  readonly latex: string;
}

/** Ink whose reading somebody has mended. */
export interface Correction {
  readonly time: number;
  readonly strokes: readonly (readonly (readonly [number, number])[])[];
  readonly latex: string;
  readonly read: string;
  readonly model: string;
}

export interface Settings {
  paper: "blank" | "ruled" | "squared";
  theme: "auto" | "light" | "dark";
  hand: "right" | "left";
  penOnly: boolean;
  lines: boolean;
  consent: boolean;
  /** Of a server that asks for one. */
  key: string;
}

export const DEFAULTS: Settings = {
  paper: "ruled", theme: "auto", hand: "right", penOnly: false, lines: true, consent: false, key: "",
};
export const EMPTY: Sheet = { ink: [], marks: [] };

export class Store {
  private readonly opened: Promise<IDBDatabase>;

  constructor(name = "math-page") {
    this.opened = new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("now");
        for (const list of ["history", "corrections"]) request.result.createObjectStore(list, { keyPath: "time" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async sheet(): Promise<Sheet> {
    return { ...EMPTY, ...(await this.run<Sheet>("now", "readonly", (store) => store.get("sheet"))) };
  }

  keepSheet(sheet: Sheet): Promise<unknown> {
    return this.run("now", "readwrite", (store) => store.put(sheet, "sheet"));
  }

  async settings(): Promise<Settings> {
    return { ...DEFAULTS, ...(await this.run<Settings>("now", "readonly", (store) => store.get("settings"))) };
  }

  keepSettings(settings: Settings): Promise<unknown> {
    return this.run("now", "readwrite", (store) => store.put({ ...settings }, "settings"));
  }

  /** All of a list, latest first. */
  async all<Item extends Past | Correction>(list: "history" | "corrections"): Promise<Item[]> {
    return (await this.run<Item[]>(list, "readonly", (store) => store.getAll())).reverse();
  }

  add(list: "history" | "corrections", item: Past | Correction): Promise<unknown> {
    return this.run(list, "readwrite", (store) => store.put(item));
  }

  remove(list: "history" | "corrections", time: number): Promise<unknown> {
    return this.run(list, "readwrite", (store) => store.delete(time));
  }

  clear(list: "history" | "corrections"): Promise<unknown> {
    return this.run(list, "readwrite", (store) => store.clear());
  }

  private async run<Result>(
    name: string, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest,
  ): Promise<Result> {
    const base = await this.opened;
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(name, mode, { durability: "relaxed" });
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result as Result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}
