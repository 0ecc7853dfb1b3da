// Settings, and the corrections that somebody lets the page keep.
import { dialog, h, save } from "./dom.js";
import type { Correction, Settings, Store } from "./store.js";
import { texts } from "./texts.js";

type Choice = "paper" | "theme" | "hand";

/** The dialog of settings; `keyed` where a server reads, which may ask for a key. */
export async function openSettings(settings: Settings, store: Store, keyed: boolean, changed: () => void): Promise<void> {
  const set = (some: Partial<Settings>) => {
    Object.assign(settings, some);
    void store.keepSettings(settings);
    changed();
  };
  const choice = <Name extends Choice>(name: Name, label: string, names: Record<Settings[Name], string>) => {
    const options = (Object.entries(names) as [Settings[Name], string][]).map(([value, text]) => {
      const choose = () => set({ [name]: value });
      return h("label", {}, h("input", { type: "radio", name, value, checked: settings[name] === value, onchange: choose }), text);
    });
    return h("fieldset", {}, h("legend", {}, label), h("div", { class: "choice" }, ...options));
  };
  const toggle = (name: "penOnly" | "lines" | "consent", label: string) => {
    const change = (event: Event) => set({ [name]: (event.target as HTMLInputElement).checked });
    return h("label", { class: "switch" }, label, h("input", { type: "checkbox", role: "switch", checked: settings[name], onchange: change }));
  };
  const key = () => {
    const change = (event: Event) => set({ key: (event.target as HTMLInputElement).value.trim() });
    const input = h("input", { type: "password", value: settings.key, autocomplete: "off", spellcheck: "false", onchange: change });
    return h("label", { class: "key" }, texts.key, input);
  };
  const box = dialog(texts.settings, texts.close,
    choice("paper", texts.paperKind, texts.papers),
    choice("theme", texts.theme, texts.themes),
    choice("hand", texts.hand, texts.hands),
    toggle("penOnly", texts.penOnly),
    toggle("lines", texts.lines),
    toggle("consent", texts.consent),
    await corrections(store),
    keyed && key());
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.showModal();
}

/** What has been kept with consent, to be downloaded or deleted; nothing where nothing has. */
async function corrections(store: Store): Promise<HTMLElement | false> {
  const all = await store.all<Correction>("corrections");
  const download = () => save("corrections.jsonl", jsonLines(all), "application/jsonl");
  const forget = () => void store.clear("corrections").then(() => row.remove());
  const row = h("p", { class: "row" },
    h("button", { type: "button", onclick: download }, texts.corrections(all.length)),
    h("button", { type: "button", onclick: forget }, texts.forgetCorrections));
  return all.length > 0 && row;
}

/** One correction a line: strokes, the right LaTeX, what was read, by which model, when. */
function jsonLines(corrections: readonly Correction[]): string {
  return corrections.map((correction) => `${JSON.stringify(correction)}\n`).join("");
}
