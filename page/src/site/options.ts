// Settings, and the corrections that somebody lets the page keep.
import { dialog, h, save } from "./dom.js";
import type { Correction, Settings, Store } from "./store.js";
import { texts } from "./texts.js";

type Choice = "paper" | "theme" | "hand";

export async function openSettings(settings: Settings, store: Store, changed: () => void): Promise<void> {
  const apply = () => {
    void store.keepSettings(settings);
    changed();
  };
  const choice = <Name extends Choice>(name: Name, label: string, names: Record<Settings[Name], string>) => {
    const options = (Object.entries(names) as [Settings[Name], string][]).map(([value, text]) => {
      const input = h("input", { type: "radio", name, value, checked: settings[name] === value, onchange: () => ((settings[name] = value), apply()) });
      return h("label", {}, input, text);
    });
    return h("fieldset", {}, h("legend", {}, label), h("div", { class: "choice" }, ...options));
  };
  const toggle = (name: "penOnly" | "lines" | "consent", label: string) => {
    const input = h("input", { type: "checkbox", role: "switch", checked: settings[name], onchange: () => ((settings[name] = input.checked), apply()) });
    return h("label", { class: "switch" }, label, input);
  };
  const corrections = await store.all<Correction>("corrections");
  const kept = h("p", { class: "corrections" },
    h("button", { type: "button", onclick: () => save("corrections.jsonl", jsonLines(corrections), "application/jsonl") }, texts.corrections(corrections.length)),
    h("button", { type: "button", onclick: () => void store.clear("corrections").then(() => kept.remove()) }, texts.forgetCorrections));
  const box = dialog(texts.settings, texts.close,
    choice("paper", texts.paperKind, texts.papers),
    choice("theme", texts.theme, texts.themes),
    choice("hand", texts.hand, texts.hands),
    toggle("penOnly", texts.penOnly),
    toggle("lines", texts.lines),
    toggle("consent", texts.consent),
    corrections.length > 0 && kept);
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.showModal();
}

/** One correction a line: strokes, the right LaTeX, what was read, by which model, when. */
function jsonLines(corrections: readonly Correction[]): string {
  return corrections.map((correction) => `${JSON.stringify(correction)}\n`).join("");
}
