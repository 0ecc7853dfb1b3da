// Ink as InkML (W3C, 2011), with what it says as its annotation; each line of a sheet of several is a group of its own.
import type { PadStroke } from "../pad/ink.js";

/** A formula on the sheet. */
export interface Written {
  readonly strokes: readonly PadStroke[];
  readonly latex: string;
}

export function inkml(lines: readonly Written[]): string {
  const parts = lines.map(({ strokes, latex }, line) => {
    const traces = strokes.map(({ points }, i) => {
      const values = points.map(([x, y, pressure]) => `${round(x)} ${round(y)} ${round(pressure)}`).join(", ");
      return `  <trace xml:id="t${line}-${i}">${values}</trace>`;
    });
    const truth = latex && `  <annotation type="truth">$${escaped(latex)}$</annotation>`;
    return [truth, ...traces].filter(Boolean).join("\n");
  });
  const groups = parts.map((part, i) => `  <traceGroup xml:id="g${i}">\n${part}\n  </traceGroup>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
  <traceFormat>
    <channel name="X" type="decimal"/>
    <channel name="Y" type="decimal"/>
    <channel name="F" type="decimal"/>
  </traceFormat>
${(parts.length === 1 ? parts : groups).join("\n")}
</ink>
`;
}

const round = (value: number) => String(Math.round(value * 100) / 100);
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
