// Edits a formula in place, by MathLive.
import { MathfieldElement } from "mathlive";
import { h } from "./dom.js";
import { texts } from "./texts.js";

MathfieldElement.fontsDirectory = new URL("fonts", document.baseURI).href;
MathfieldElement.soundsDirectory = null;
MathfieldElement.plonkSound = null;
MathfieldElement.keypressSound = null;

/** Put an editor in the place of a formula; the new LaTeX, or null when the person gives up. */
export function editor(place: HTMLElement, latex: string): Promise<string | null> {
  return new Promise((resolve) => {
    const field = new MathfieldElement();
    field.setAttribute("aria-label", texts.editing);
    field.mathVirtualKeyboardPolicy = matchMedia("(pointer: coarse)").matches ? "auto" : "manual";
    const end = (value: string | null) => {
      bar.remove();
      field.remove();
      place.hidden = false;
      resolve(value);
    };
    const bar = h("div", { class: "editing" },
      h("button", { type: "button", class: "primary", onclick: () => end(field.getValue("latex-expanded")) }, texts.done),
      h("button", { type: "button", onclick: () => end(null) }, texts.cancel));
    place.hidden = true;
    place.after(field, bar);
    field.value = latex;
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(), end(field.getValue("latex-expanded"));
      if (event.key === "Escape") event.preventDefault(), end(null);
    }, { capture: true });
    field.focus();
  });
}
