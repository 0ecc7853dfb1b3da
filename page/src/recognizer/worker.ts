// The worker: holds one recognizer, answers one call after the other, reading before explaining.
import * as ort from "onnxruntime-web/wasm";
import { Recognizer } from "./recognizer.js";
import type { Call, Reply } from "./types.js";
import { fetchModel } from "./weights.js";

const scope = self as unknown as { postMessage(reply: Reply): void; onmessage: (event: MessageEvent<Call>) => void };
let recognizer: Promise<Recognizer> | null = null;
let waiting: Call[] = [];
let busy = false;
/** Somebody has begun to write since the last call: only a first reading goes on. */
let held = false;
/** A plus, read once before all else: the first reading is slow, as WebAssembly is only then made quick. */
const PLUS = [[[0, 20], [40, 20]], [[20, 0], [20, 40]]];
/** A message to oneself comes back after those that wait, and at once; timers are held back. */
const turn = new MessageChannel();

scope.onmessage = ({ data }) => {
  held = data.do === "hold";
  if (data.do === "hold") return;
  // Of calls for a first reading only the last counts: the others are of ink that has changed since.
  if (data.do === "read") waiting = waiting.filter((call) => call.do !== "read" || !answered(call));
  waiting.push(data);
  void work();
};

function answered(call: Call): true {
  scope.postMessage({ id: call.id, result: null });
  return true;
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let call = next(); call; call = next()) {
    try {
      scope.postMessage({ id: call.id, result: await answer(call) });
    } catch (error) {
      scope.postMessage({ id: call.id, error: error instanceof Error ? error.message : String(error) });
    }
  }
  busy = false;
}

/** What somebody waits for comes first. */
const ORDER = ["load", "read", "others", "explain"];

function next(): Call | undefined {
  const first = ORDER.map((kind) => waiting.findIndex((call) => call.do === kind)).find((at) => at >= 0);
  return first === undefined ? undefined : waiting.splice(first, 1)[0];
}

async function answer(call: Call): Promise<unknown> {
  if (call.do === "load") {
    recognizer = load(call.folder);
    recognizer.catch(() => (recognizer = null));
    await recognizer;
    return true;
  }
  if (!recognizer) throw new Error("the model has not been loaded");
  const reader = await recognizer;
  if (call.do === "read") return reader.read(call.strokes, call.beams, call.beams > 1 ? overtaken : newer);
  if (call.do === "explain") return reader.explain(call.strokes, call.latex, overtaken);
  return call.do === "others" && reader.others(call.strokes, call.latex, call.token);
}

const overtaken = async () => (await newer()) || held || waiting.some((call) => call.do === "others");

/** Let messages in; whether one of them asks for a reading, which makes this work one of the past. */
async function newer(): Promise<boolean> {
  await new Promise<void>((resolve) => {
    turn.port1.onmessage = () => resolve();
    turn.port2.postMessage(null);
  });
  return waiting.some((call) => call.do === "read");
}

async function load(folder: string): Promise<Recognizer> {
  const { files, runtime } = await fetchModel(folder, (loaded, total) => scope.postMessage({ loaded, total }));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = runtime.buffer as ArrayBuffer;
  ort.env.logLevel = "error";
  const reader = await Recognizer.load(files, ort);
  await reader.read(PLUS);
  return reader;
}
