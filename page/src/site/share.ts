// Ink in a link: whole numbers, differences, deflate, base64; nothing is uploaded.
import type { Ink, PadStroke, Point } from "../pad/ink.js";

const MOST = 8000;
const MOST_BYTES = 2 ** 20;

/** The part of an address behind `#`; null when it would be too long to be shared. */
export async function toFragment(ink: Ink): Promise<string | null> {
  const numbers = [ink.length];
  let [x, y] = [0, 0];
  for (const { points } of ink) {
    numbers.push(points.length);
    for (const [px, py] of points) {
      const [qx, qy] = [Math.round(px), Math.round(py)];
      numbers.push(zigzag(qx - x), zigzag(qy - y));
      [x, y] = [qx, qy];
    }
  }
  const packed = await piped(Uint8Array.from(numbers.flatMap(bytes)), new CompressionStream("deflate-raw"));
  const text = btoa(String.fromCharCode(...packed)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return text.length > MOST ? null : `ink=${text}`;
}

/** The ink of a link; null where there is none, or it is damaged. */
export async function fromFragment(fragment: string): Promise<Ink | null> {
  const text = /^#?ink=([\w-]+)$/.exec(fragment)?.[1];
  if (!text || text.length > 2 * MOST) return null;
  try {
    const packed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const numbers = values(await piped(packed, new DecompressionStream("deflate-raw")));
    const next = () => {
      const { value, done } = numbers.next();
      if (done) throw new RangeError("the link is cut off");
      return value;
    };
    let [x, y] = [0, 0];
    const ink: PadStroke[] = [];
    for (let count = next(); ink.length < count;) {
      const points: Point[] = [];
      for (let length = next(); points.length < length;) points.push([(x += signed(next())), (y += signed(next())), 0.5]);
      if (points.length) ink.push({ id: ink.length + 1, points });
      else count--;
    }
    return ink;
  } catch {
    return null;
  }
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
const signed = (value: number) => (value % 2 ? -(value + 1) / 2 : value / 2);

function bytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...bytes(Math.floor(value / 128))];
}

function* values(data: Uint8Array): Generator<number, void> {
  let value = 0, unit = 1;
  for (const byte of data) {
    value += (byte & 127) * unit;
    unit *= 128;
    if (byte < 128) {
      yield value;
      [value, unit] = [0, 1];
    }
  }
}

/** Through a transform, at most a megabyte of it: a link must not unpack to anything. */
async function piped(data: Uint8Array, through: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const reader = new Blob([data as BlobPart]).stream().pipeThrough(through).getReader();
  const parts: Uint8Array[] = [];
  for (let size = 0; ;) {
    const { value, done } = await reader.read();
    if (done) break;
    parts.push(value);
    if ((size += value.length) > MOST_BYTES) throw new RangeError("too much ink");
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
