// The tools beside the paper.
import type { MathPad } from "../pad/math-pad.js";
import type { Tool } from "../pad/pointers.js";
import { h, iconButton, type Icon } from "./dom.js";
import { texts } from "./texts.js";

const TOOLS: readonly [Tool, Icon, string][] = [["pen", "pen", texts.pen], ["eraser", "eraser", texts.eraser], ["lasso", "lasso", texts.lasso]];

/** The toolbar; `refresh` shows again what can be done. */
export function toolbar(pad: MathPad, fresh: () => void): { element: HTMLElement; refresh: () => void } {
  const tools = TOOLS.map(([tool, name, label]) => iconButton(name, label, () => choose(tool), { "data-tool": tool }));
  const undo = iconButton("undo", texts.undo, () => pad.undo());
  const redo = iconButton("redo", texts.redo, () => pad.redo());
  const remove = iconButton("trash", texts.remove, () => pad.deleteChosen());
  const element = h("div", { class: "toolbar", role: "toolbar", "aria-label": texts.tools },
    h("div", { class: "group" }, ...tools, remove),
    h("div", { class: "group" }, undo, redo),
    h("div", { class: "group zoom" },
      iconButton("minus", texts.zoomOut, () => pad.zoom(0.8)), iconButton("plus", texts.zoomIn, () => pad.zoom(1.25)),
      iconButton("fit", texts.fit, () => pad.fit())),
    h("div", { class: "group" }, iconButton("sheet", texts.fresh, fresh)));

  function choose(tool: Tool): void {
    pad.setAttribute("tool", tool);
    refresh();
  }

  let chosen = 0;
  pad.addEventListener("select", (event) => {
    chosen = ((event as CustomEvent).detail?.ids as number[] | undefined)?.length ?? 0;
    refresh();
  });

  function refresh(): void {
    const now = pad.getAttribute("tool") ?? "pen";
    tools.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tool === now)));
    undo.disabled = !pad.canUndo;
    redo.disabled = !pad.canRedo;
    remove.hidden = !chosen;
  }

  refresh();
  return { element, refresh };
}
