// A formula as a picture of its own, SVG or PNG: what KaTeX has laid out, with the fonts inside.
import { show } from "./show.js";
import { escaped, h, rounded } from "./dom.js";

const MARGIN = 12;

/** Formulas, one below the other, as SVG in black on nothing. */
export async function svg(formulas: readonly string[]): Promise<string> {
  const stage = h("div", { class: "stage" });
  document.body.append(stage);
  try {
    for (const latex of formulas) {
      const line = h("div", {});
      show(line, latex);
      line.querySelector(".katex-mathml")?.remove();
      stage.append(line);
    }
    await document.fonts.ready;
    return await drawn(stage);
  } finally {
    stage.remove();
  }
}

/** The same as PNG, on white, four times as large. */
export async function png(formulas: readonly string[]): Promise<Blob> {
  const source = await svg(formulas);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = h("canvas");
  [canvas.width, canvas.height] = [image.width * 4, image.height * 4];
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture")))));
}

async function drawn(stage: HTMLElement): Promise<string> {
  const corner = stage.getBoundingClientRect();
  const [dx, dy] = [MARGIN - corner.left, MARGIN - corner.top];
  const fonts = new Set<string>();
  const parts: string[] = [];
  const walker = document.createTreeWalker(stage, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text) parts.push(...glyphs(node, dx, dy, fonts));
    else if (node instanceof SVGSVGElement) parts.push(shape(node, dx, dy));
    else if (node instanceof HTMLElement) parts.push(rule(node, dx, dy));
  }
  const [width, height] = [corner.width + 2 * MARGIN, corner.height + 2 * MARGIN].map(Math.ceil);
  const faces = await Promise.all([...fonts].map(face));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>${faces.join("")}</style>${parts.join("")}</svg>`;
}

function glyphs(text: Text, dx: number, dy: number, fonts: Set<string>): string[] {
  const content = (text.data.replace(/[\u200b\u2060]/g, "")).trim();
  const parent = text.parentElement;
  if (!content || !parent || parent.closest("svg")) return [];
  const style = getComputedStyle(parent);
  const range = document.createRange();
  range.selectNodeContents(text);
  const box = range.getBoundingClientRect();
  const family = style.fontFamily.split(",")[0].replaceAll('"', "");
  fonts.add([family, style.fontWeight, style.fontStyle].join("|"));
  const context = (glyphs.context ??= document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D);
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} "${family}"`;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText(content);
  // The box of a line of text is as high as its font is; the baseline divides it as the font says.
  const y = box.top + dy + (box.height * above) / (above + below);
  return [`<text x="${rounded(box.left + dx)}" y="${rounded(y)}" font-family="${family}" font-size="${style.fontSize}" ` +
    `font-weight="${style.fontWeight}" font-style="${style.fontStyle}">${escaped(content)}</text>`];
}
glyphs.context = undefined as CanvasRenderingContext2D | undefined;

function shape(svg: SVGSVGElement, dx: number, dy: number): string {
  const box = svg.getBoundingClientRect();
  const inside = [...svg.children].map((child) => new XMLSerializer().serializeToString(child)).join("");
  const aspect = svg.getAttribute("preserveAspectRatio") ?? "xMidYMid";
  return `<svg x="${rounded(box.left + dx)}" y="${rounded(box.top + dy)}" width="${rounded(box.width)}" height="${rounded(box.height)}" ` +
    `viewBox="${svg.getAttribute("viewBox") ?? ""}" preserveAspectRatio="${aspect}">${inside}</svg>`;
}

/** A fraction bar and the like is the bottom border of an element. */
function rule(element: HTMLElement, dx: number, dy: number): string {
  const style = getComputedStyle(element);
  const thick = parseFloat(style.borderBottomWidth);
  if (!thick || style.borderBottomStyle !== "solid") return "";
  const box = element.getBoundingClientRect();
  return `<rect x="${rounded(box.left + dx)}" y="${rounded(box.bottom + dy - thick)}" width="${rounded(box.width)}" height="${rounded(thick)}"/>`;
}

async function face(font: string): Promise<string> {
  const [family, weight, style] = font.split("|");
  const cut = `${Number(weight) >= 600 ? "Bold" : ""}${style === "italic" ? "Italic" : ""}` || "Regular";
  const response = await fetch(`fonts/${family}-${cut}.woff2`);
  if (!response.ok) return "";
  const bytes = new Uint8Array(await response.arrayBuffer());
  const data = btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
  return `@font-face{font-family:${family};font-weight:${weight};font-style:${style};src:url(data:font/woff2;base64,${data})}`;
}
