// Ink as InkML (W3C, 2011), with what it says as its annotation; each line of a sheet of several is a group of its own.
import type { PadStroke } from "../pad/ink.js";
import { escaped, rounded } from "./dom.js";

/** A formula on the sheet. */
export interface Written {
  readonly strokes: readonly PadStroke[];
  readonly latex: string;
}

export function inkml(lines: readonly Written[]): string {
  const parts = lines.map(({ strokes, latex }, line) => {
    const traces = strokes.map(({ points }, i) => {
      const values = points.map(([x, y, pressure]) => `${rounded(x)} ${rounded(y)} ${rounded(pressure)}`).join(", ");
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
