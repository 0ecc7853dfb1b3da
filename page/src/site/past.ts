// The history: sheets that were finished or copied from, with search.
import { dialog, h, iconButton } from "./dom.js";
import { compact } from "./formats.js";
import { pictured } from "./show.js";
import type { Past, Store } from "./store.js";
import { texts } from "./texts.js";

export async function openHistory(store: Store, open: (past: Past) => void): Promise<void> {
  const list = h("ul", { class: "past" });
  const search = h("input", { type: "search", placeholder: texts.search, "aria-label": texts.search, oninput: () => fill() });
  const box = dialog(texts.history, texts.close, search, list);
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  let all = await store.all<Past>("history");

  function fill(): void {
    const wanted = compact(search.value);
    const found = all.filter(({ latex }) => compact(latex).includes(wanted));
    const none = all.length ? texts.noMatch : texts.noHistory;
    list.replaceChildren(...(found.length ? found.slice(0, 200).map(item) : [h("li", { class: "none" }, none)]));
  }

  function item(past: Past): HTMLElement {
    const time = new Date(past.time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    const use = h("button", { type: "button", class: "past-open", onclick: () => (box.close(), open(past)) },
      pictured(past.latex.split("\n")[0]), h("small", {}, time));
    const forget = iconButton("trash", texts.forget(past.latex), () => {
      all = all.filter((other) => other !== past);
      void store.remove("history", past.time).then(fill);
    });
    return h("li", {}, use, forget);
  }

  fill();
  box.showModal();
}
