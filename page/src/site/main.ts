// The page: paper, results and tools put together, with everything that is remembered.
import { MathPad } from "../pad/index.js";
import type { Ink } from "../pad/ink.js";
import type { InkChange } from "../pad/math-pad.js";
import { LocalReader, ServerReader, type Reader } from "../recognizer/reader.js";
import { h, iconButton, rounded } from "./dom.js";
import { compact } from "./formats.js";
import { example, invitation } from "./invitation.js";
import { openSettings } from "./options.js";
import { openHistory } from "./past.js";
import { openPicture } from "./pictures.js";
import { Results } from "./results.js";
import { Session } from "./session.js";
import { fromFragment } from "./share.js";
import { DEFAULTS, Store, type Settings, type Sheet } from "./store.js";
import { taking } from "./taking.js";
import { texts } from "./texts.js";
import { toolbar } from "./toolbar.js";

/** By whom the build wants strokes to be read. */
declare const READER: "local" | "server";

const store = new Store();
const settings: Settings = { ...DEFAULTS };
const pad = new MathPad();
const status = h("p", { class: "status", role: "status" });
const toast = h("p", { class: "toast", role: "status" });
const voice = h("p", { class: "unseen", "aria-live": "polite" });
/** What the status says when nothing is wrong. */
let resting = "";
const reader = makeReader();
const session = new Session(reader, changed);
const results = new Results(session, {
  light: (ids) => pad.light(ids), mended: (line) => void correct(line), say, speak: (text) => (voice.textContent = text),
});
const tools = toolbar(pad, () => void fresh());
const take = taking(() => ({ ink: pad.ink, lines: readings(), latex: formulas() }), say, () => void remember());
const app = h("div", { class: "app" });
let remembered = 0;

build();
void begin();

function build(): void {
  pad.setAttribute("label", texts.paper);
  const picture = reader instanceof ServerReader && iconButton("picture", texts.picture, () => pictureDialog(null));
  const past = iconButton("history", texts.history, () => void openHistory(store, (sheet) => void open(sheet, sheet.time)));
  const options = () => void openSettings(settings, store, reader instanceof ServerReader, apply);
  app.append(
    h("header", { class: "bar" },
      h("img", { src: "icon.svg", alt: "" }), h("h1", {}, texts.title), h("p", { class: "tagline" }, texts.tagline), status,
      h("nav", { "aria-label": texts.more }, picture, past, iconButton("settings", texts.settings, options))),
    h("main", {},
      h("div", { class: "top" }, results.element, example(), take),
      h("div", { class: "sheet" }, pad, invitation(), tools.element)),
    toast, voice);
  document.body.append(app);
  pad.addEventListener("ink", (event) => void inked((event as CustomEvent<InkChange>).detail));
  pad.addEventListener("strokestart", () => session.hold());
  pad.addEventListener("penseen", () => ((settings.penOnly = true), void store.keepSettings(settings)));
  document.addEventListener("keydown", shortcut);
  document.addEventListener("paste", (event) => pictureDialog([...(event.clipboardData?.files ?? [])][0] ?? null, true));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => (event.preventDefault(), pictureDialog(event.dataTransfer?.files[0] ?? null, true)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => pad.redraw());
  window.addEventListener("hashchange", () => void shared());
}

async function begin(): Promise<void> {
  Object.assign(settings, await store.settings());
  apply();
  const sheet = await store.sheet();
  if (!(await shared()) && sheet.ink.length) open(sheet, 0);
  changed();
}

/** The service worker is there, so that what is fetched is kept; or there is none to be had. */
async function offline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const late = new Promise<void>((resolve) => setTimeout(resolve, 5000));
  const controlled = new Promise<void>((resolve) => {
    if (navigator.serviceWorker.controller) resolve();
    else navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
  });
  const failed = navigator.serviceWorker.register("offline.js").then(() => new Promise<void>(() => {}), () => {});
  await Promise.race([controlled, failed, late]);
}

function makeReader(): Reader {
  if (READER === "server") {
    tell(texts.server, true);
    return new ServerReader(undefined, () => settings.key);
  }
  const local = new LocalReader("worker.js", "model/", (loaded, total) => {
    tell(loaded < total ? texts.loading(Math.floor((100 * loaded) / total)) : texts.starting);
    app.style.setProperty("--loaded", String(loaded / total));
  }, offline());
  const end = (text: string, fine: boolean) => (tell(text, fine), app.style.removeProperty("--loaded"));
  local.ready.then(() => end(texts.local, true), (error: Error) => end(texts.noReader(error.message), false));
  return local;
}

/** Say how reading goes; `fine` for what stands there as long as nothing is wrong, in which small screens show a dot. */
function tell(text: string, fine = false): void {
  status.textContent = text;
  status.toggleAttribute("data-fine", fine);
  if (fine) resting = text;
}

/** Show what the settings say. */
function apply(): void {
  document.documentElement.dataset.theme = settings.theme;
  app.dataset.hand = settings.hand;
  pad.setAttribute("paper", settings.paper);
  pad.toggleAttribute("pen-only", settings.penOnly);
  if (session.several !== settings.lines) {
    session.several = settings.lines;
    void session.update(pad.ink);
  }
  pad.redraw();
}

function inked({ ink, settled }: InkChange): void {
  app.classList.toggle("written", ink.length > 0);
  if (settled) void session.update(ink);
  tools.refresh();
  const whole = ink.map((stroke) => (stroke.id < 0 ? { ...stroke, id: newest(ink) } : stroke));
  void store.keepSheet({ ink: whole, marks: session.marks });
}

const newest = (ink: Ink) => Math.max(0, ...ink.map((stroke) => stroke.id)) + 1;

function changed(): void {
  results.update();
  take.inert = !formulas().length;
  if (session.failure) tell(texts.noReader(session.failure));
  else if (resting) tell(resting, true);
  app.classList.toggle("written", pad.ink.length > 0);
  if (pad.ink.length && !pad.writing) void store.keepSheet({ ink: pad.ink, marks: session.marks });
}

function formulas(): string[] {
  return session.lines.flatMap(({ shown }) => (shown?.tokens.length ? [shown.tokens.join(" ")] : []));
}

function readings() {
  return session.lines.map(({ strokes, shown }) => ({ strokes, latex: compact(shown?.tokens.join(" ") ?? "") }));
}

/** Put a sheet on the table; `time` is that of its place in the history. */
function open({ ink, marks }: Sheet, time: number): void {
  remembered = time;
  session.restore(ink, marks);
  pad.ink = ink;
  pad.fit();
}

async function shared(): Promise<boolean> {
  const ink = await fromFragment(location.hash);
  if (!ink?.length) return false;
  if (pad.ink.length) await remember();
  history.replaceState(null, "", location.pathname + location.search);
  open({ ink, marks: [] }, 0);
  return true;
}

/** Keep the sheet in the history, in its old place if it has one. */
async function remember(): Promise<void> {
  const latex = formulas().join("\n");
  if (!latex) return;
  remembered ||= Date.now();
  await store.add("history", { time: remembered, latex, ink: pad.ink, marks: session.marks });
}

async function fresh(): Promise<void> {
  const kept = remember();
  remembered = 0;
  session.restore([], []);
  pad.clear();
  pad.fit();
  await Promise.all([kept, store.keepSheet({ ink: [], marks: [] })]);
}

/** Keep a mended reading, where the person lets us. */
async function correct(index: number): Promise<void> {
  const line = session.lines[index];
  if (!settings.consent || !line?.shown || !line.found) return;
  const strokes = line.strokes.map(({ points }) => points.map(([x, y]) => [rounded(x), rounded(y)] as const));
  const latex = line.shown.tokens.join(" ");
  await store.add("corrections", { time: Date.now(), strokes, latex, read: line.found.latex, model: line.found.model });
}

function pictureDialog(picture: Blob | null, needed = false): void {
  if (needed && !picture?.type.startsWith("image/")) return;
  if (!(reader instanceof ServerReader)) return say(texts.noServerPictures);
  openPicture(reader, picture, (latex) => void navigator.clipboard.writeText(latex).then(() => say(texts.copied(texts.formats.latex))));
}

function shortcut(event: KeyboardEvent): void {
  const inField = (event.target as Element).closest?.("input, math-field, math-pad, dialog");
  if (inField || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "z") event.shiftKey ? pad.redo() : pad.undo();
  else if (key === "y") pad.redo();
  else return;
  event.preventDefault();
}

function say(text: string): void {
  toast.textContent = text;
  toast.classList.remove("shown");
  void toast.offsetWidth; // so that the same text shows again
  toast.classList.add("shown");
}
