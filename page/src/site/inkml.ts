// Ink as InkML (W3C, 2011), with what it says as its annotation.
import type { Ink } from "../pad/ink.js";

export function inkml(ink: Ink, latex: readonly string[]): string {
  const traces = ink.map(({ points }, i) => {
    const values = points.map(([x, y, pressure]) => `${round(x)} ${round(y)} ${round(pressure)}`).join(", ");
    return `  <trace id="t${i}">${values}</trace>`;
  });
  const truths = latex.map((text) => `  <annotation type="truth">$${escaped(text)}$</annotation>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
  <traceFormat>
    <channel name="X" type="decimal"/>
    <channel name="Y" type="decimal"/>
    <channel name="F" type="decimal"/>
  </traceFormat>
${[...truths, ...traces].join("\n")}
</ink>
`;
}

const round = (value: number) => String(Math.round(value * 100) / 100);
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
