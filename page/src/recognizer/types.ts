// What goes into the recognizer and what comes out, and what a page and its worker say to each other.

/** Points of one pen-down movement, `[x, y]`, y growing downwards, in any unit. */
export type Stroke = readonly (readonly number[])[];

/** One reading, with how often such readings are right, 0 to 1; null from a server that does not say. */
export interface Reading {
  readonly latex: string;
  readonly confidence: number | null;
}

/** What ink says; the same fields as the Python package's `Recognition`. */
export interface Recognition extends Reading {
  /** Other readings, best first. */
  readonly alternatives: readonly Reading[];
  readonly well_formed: boolean;
  readonly complete: boolean;
  readonly model: string;
}

/** A visible symbol of a reading: which of its tokens, and which strokes it was written with. */
export interface SymbolInk {
  readonly token: number;
  readonly strokes: readonly number[];
}

/** What the page asks; `id` comes back with the answer, of which `hold`, that ends all but first readings, has none. */
export type Call = { readonly id: number } & (
  | { readonly do: "hold" }
  | { readonly do: "load"; readonly folder: string }
  | { readonly do: "read"; readonly strokes: readonly Stroke[]; readonly beams: number }
  | { readonly do: "explain"; readonly strokes: readonly Stroke[]; readonly latex: string }
  | { readonly do: "others"; readonly strokes: readonly Stroke[]; readonly latex: string; readonly token: number }
);

/** What the worker says: a result, an error, or how much of the model has come. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly loaded: number; readonly total: number };

/** How many bytes of the model have come. */
export type Progress = (loaded: number, total: number) => void;
