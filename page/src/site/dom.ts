// Makes elements and icons.

type Child = Node | string | null | false;
type Attributes = Record<string, string | boolean | ((event: never) => void)>;

/** An element with attributes, listeners (functions, named `onclick` and the like) and children. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else if (typeof value === "boolean") element.toggleAttribute(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

const PATHS = {
  pen: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  eraser: "M9 19h11M4 14l8-8 7 7-6 6H9zM8 10l7 7",
  lasso: "M12 4c5 0 8 2.500 8 5.500S17 15 12 15 4 12.500 4 9.500 7 4 12 4zM8 14.500c-2 1-2 4 .500 4s2.500-2 .500-3.500" +
    "M8.500 18.500c0 2-1 2.500-2.500 2.500",
  undo: "M9 6L4 11l5 5M4 11h10a6 6 0 010 9h-3",
  redo: "M15 6l5 5-5 5M20 11H10a6 6 0 000 9h3",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  sheet: "M6 3h8l4 4v14H6zM14 3v4h4M12 11v6M9 14h6",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  down: "M7 10l5 5 5-5",
  edit: "M4 20h16M6 16l1-3 9-9 2.500 2.500-9 9z",
  history: "M4 12a8 8 0 108-8 8 8 0 00-7 4M4 4v4h4M12 8v4l3 2",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9.500h.010",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M14 7a2 2 0 104 0 2 2 0 10-4 0M6 17a2 2 0 104 0 2 2 0 10-4 0",
  close: "M6 6l12 12M18 6L6 18",
  turn: "M5 12a7 7 0 107-7h-3M12 2L9 5l3 3",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
} as const;

export type Icon = keyof typeof PATHS;

export const icon = (name: Icon) => drawing("0 0 24 24", [PATHS[name]]);

/** Paths that say nothing to those who listen. */
export function drawing(viewBox: string, paths: readonly string[]): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A coordinate with two decimals. */
export const rounded = (value: number) => Math.round(value * 100) / 100;

/** Text as XML has it. */
export const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A button that shows an icon and says what it does. */
export function iconButton(name: Icon, label: string, onclick: (event: MouseEvent) => void, attributes: Attributes = {}) {
  return h("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/** Hand a file to the person. */
export function save(name: string, content: Blob | string, type = "text/plain"): void {
  const address = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A dialog with a title and a button to close it. */
export function dialog(title: string, close: string, ...children: Child[]): HTMLDialogElement {
  const heading = h("h2", { id: `title-${title.replace(/\W/g, "-")}` }, title);
  const element = h("dialog", { "aria-labelledby": heading.id });
  element.append(h("div", { class: "heading" }, heading, iconButton("close", close, () => element.close())), ...children.filter(Boolean) as Node[]);
  element.addEventListener("click", (event) => event.target === element && element.close());
  return element;
}
