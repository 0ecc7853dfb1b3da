// The recognizer in Node, with the package's own weights, and what the tests read.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import type { ModelFiles } from "../src/recognizer/nano.js";
import { Recognizer } from "../src/recognizer/recognizer.js";
import type { Stroke } from "../src/recognizer/types.js";

declare const HERE: string;
export const page = HERE;
export const root = join(HERE, "..");

export interface Sample {
  readonly id: string;
  readonly strokes: Stroke[];
  readonly latex: string;
}

export async function recognizer(): Promise<Recognizer> {
  const folder = process.env.UNIMUMER_MODEL || join(root, "src/unimumer/models/nano");
  const file = (name: string) => readFileSync(join(folder, name));
  const language = join(folder, "language.safetensors");
  const files: ModelFiles = {
    about: JSON.parse(file("nano.json").toString()),
    tokenizer: file("tokenizer.json").toString(),
    encoder: file("encoder.onnx"),
    decoder: file("decoder.onnx"),
    language: existsSync(language) ? readFileSync(language) : undefined,
  };
  ort.env.wasm.numThreads = 1;
  return Recognizer.load(files, ort);
}

/** Where CROHME's archives lie, if they do. */
export function archive(name: string): string | null {
  const path = join(process.env.UNIMUMER_DATA || join(root, "../shared/data"), name);
  return existsSync(path) ? path : null;
}

export const python = process.env.PYTHON || join(root, ".venv/bin/python");

/** What the Python package reads; `options` are those of `expected.py`. */
export const expected = (...options: string[]): Sample[] => JSON.parse(run(join(HERE, "tests/expected.py"), ...options));

/** The command of the package. */
export const unimumer = (...options: string[]): string => run("-c", "from unimumer.cli.main import main; main()", ...options);

function run(...command: string[]): string {
  return execFileSync(python, command, { env: { ...process.env, PYTHONPATH: join(root, "src") }, maxBuffer: 2 ** 28 }).toString();
}
