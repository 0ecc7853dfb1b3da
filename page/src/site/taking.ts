// Taking away: copies in every format, downloads, a link to the ink.
import type { Ink } from "../pad/ink.js";
import { h, icon, save } from "./dom.js";
import { written, type Format } from "./formats.js";
import { inkml, type Written } from "./inkml.js";
import { toFragment } from "./share.js";
import { texts } from "./texts.js";
import { png, svg } from "./vector.js";

/** What there is to take away. */
export interface Sheetful {
  readonly ink: Ink;
  readonly lines: readonly Written[];
  readonly latex: readonly string[];
}

/** A button that copies LaTeX, and a menu of everything else. */
export function taking(sheet: () => Sheetful, say: (text: string) => void, taken: () => void): HTMLElement {
  const copy = h("button", { type: "button", class: "primary", onclick: () => void put("latex") }, icon("copy"), texts.copy);
  const menu = h("div", { class: "menu list", popover: "auto" });
  const about = { "aria-label": texts.copyAs, title: texts.copyAs, "aria-haspopup": "true" };
  const more = h("button", { type: "button", class: "primary caret", ...about, onclick: open }, icon("down"));

  async function put(format: Format | "png"): Promise<void> {
    menu.hidePopover();
    const { latex } = sheet();
    try {
      if (format === "png") await navigator.clipboard.write([new ClipboardItem({ "image/png": png(latex) })]);
      else await navigator.clipboard.writeText(written(latex, format));
      say(texts.copied(texts.formats[format]));
      taken();
    } catch {
      say(texts.notCopied);
    }
  }

  async function download(kind: keyof typeof texts.downloads): Promise<void> {
    menu.hidePopover();
    const { lines, latex } = sheet();
    if (kind === "inkml") save("formula.inkml", inkml(lines), "application/inkml+xml");
    else save(`formula.${kind}`, kind === "svg" ? new Blob([await svg(latex)], { type: "image/svg+xml" }) : await png(latex));
    taken();
  }

  async function link(): Promise<void> {
    menu.hidePopover();
    const fragment = await toFragment(sheet().ink);
    if (!fragment) return say(texts.shareLong);
    try {
      await navigator.clipboard.writeText(`${location.origin}${location.pathname}#${fragment}`);
      say(texts.shared);
    } catch {
      say(texts.notCopied);
    }
  }

  function open(): void {
    const { latex } = sheet();
    const item = (label: string, act: () => void, preview = "") => h("button", { type: "button", onclick: act },
      label, !!preview && h("small", { "aria-hidden": "true" }, preview.replace(/\s+/g, " ").slice(0, 60)));
    const copies = (Object.keys(texts.formats) as (Format | "png")[])
      .map((format) => item(texts.formats[format], () => void put(format), format === "png" ? "" : written(latex, format)));
    const downloads = (Object.keys(texts.downloads) as (keyof typeof texts.downloads)[])
      .map((kind) => item(texts.downloads[kind], () => void download(kind)));
    menu.replaceChildren(
      h("p", {}, texts.copyAs), ...copies,
      h("p", {}, texts.download), h("div", { class: "row" }, ...downloads), h("hr"), item(texts.share, () => void link()));
    menu.showPopover();
    const box = more.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(box.bottom + 8, innerHeight - menu.offsetHeight - 8))}px`;
    (menu.querySelector("button") as HTMLElement).focus();
  }

  menu.addEventListener("keydown", (event) => walk(event, menu));
  return h("div", { class: "taking" }, copy, more, menu);
}

/** Up and down go through the buttons of a menu. */
function walk(event: KeyboardEvent, menu: HTMLElement): void {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const buttons = [...menu.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  buttons[(at + way + buttons.length) % buttons.length].focus();
  event.preventDefault();
}
