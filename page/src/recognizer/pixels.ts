// Gray pictures and what OpenCV does to them in the Python package: resampling, spreading, connected components.

/** A gray picture: `data` holds rows from the top, 0 is black and 255 white. */
export interface Gray {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Left, top, width, height in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function blank(width: number, height: number, value = 255): Gray {
  return { width, height, data: new Uint8Array(width * height).fill(value) };
}

/** Round half to even, as numpy, OpenCV and Python's `round` do. */
export function roundEven(x: number): number {
  const low = Math.floor(x);
  const part = x - low;
  if (part !== 0.5) return part < 0.5 ? low : low + 1;
  return low % 2 ? low + 1 : low;
}

/** The smallest box around all pixels that satisfy `inside`; null when there are none. */
export function bounds(picture: Gray, inside: (value: number) => boolean): Box | null {
  const { width, height, data } = picture;
  let left = width, top = height, right = -1, bottom = -1;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!inside(data[i])) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

export function cropped(picture: Gray, box: Box): Gray {
  const out = blank(box.width, box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * picture.width + box.left;
    out.data.set(picture.data.subarray(start, start + box.width), y * box.width);
  }
  return out;
}

/** White borders of the given widths around a picture. */
export function padded(picture: Gray, top: number, right: number, bottom: number, left: number): Gray {
  const out = blank(picture.width + left + right, picture.height + top + bottom);
  for (let y = 0; y < picture.height; y++) {
    const row = picture.data.subarray(y * picture.width, (y + 1) * picture.width);
    out.data.set(row, (y + top) * out.width + left);
  }
  return out;
}

/** Resample: by areas where it gets smaller, else by cubic convolution with a = -0.75. */
export function resized(picture: Gray, width: number, height: number): Gray {
  if (width === picture.width && height === picture.height) return picture;
  const smaller = height < picture.height || (height === picture.height && width < picture.width);
  const taps = smaller && width <= picture.width && height <= picture.height ? areaTaps : cubicTaps;
  return weighted(picture, taps(picture.width, width), taps(picture.height, height));
}

/** For every target place: the first source place, and the weights from there on. */
type Taps = readonly { readonly from: number; readonly weights: readonly number[] }[];

function areaTaps(from: number, to: number): Taps {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const begin = i * scale, end = begin + scale;
    const cell = Math.min(scale, from - begin);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(begin), last);
    const weights: number[] = [];
    if (first - begin > 1e-3) weights.push((first - begin) / cell);
    const start = first - weights.length;
    for (let place = first; place < last; place++) weights.push(1 / cell);
    if (end - last > 1e-3) weights.push(Math.min(end - last, 1, cell) / cell);
    return { from: start, weights };
  });
}

function cubicTaps(from: number, to: number): Taps {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const at = (i + 0.5) * scale - 0.5;
    const first = Math.floor(at);
    const part = at - first;
    const found = new Map<number, number>();
    for (let k = -1; k < 3; k++) {
      const place = Math.min(Math.max(first + k, 0), from - 1);
      found.set(place, (found.get(place) ?? 0) + cubic(Math.abs(part - k)));
    }
    return { from: Math.min(...found.keys()), weights: [...found.values()] };
  });
}

function cubic(x: number): number {
  const a = -0.75;
  return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : a * (((x - 5) * x + 8) * x - 4);
}

function weighted(picture: Gray, columns: Taps, rows: Taps): Gray {
  const out = blank(columns.length, rows.length);
  const wide = new Float32Array(columns.length * picture.height);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < columns.length; x++) {
      const { from, weights } = columns[x];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * picture.data[y * picture.width + from + k];
      wide[y * columns.length + x] = sum;
    }
  }
  for (let y = 0; y < rows.length; y++) {
    const { from, weights } = rows[y];
    for (let x = 0; x < columns.length; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * wide[(from + k) * columns.length + x];
      out.data[y * columns.length + x] = Math.min(Math.max(roundEven(Math.fround(sum)), 0), 255);
    }
  }
  return out;
}

/** Offsets of a disc `side` pixels wide, the middle of its box at 0, 0; a square below 3. */
export function disc(side: number): readonly (readonly [number, number])[] {
  const middle = Math.floor(side / 2);
  const found: [number, number][] = [];
  for (let i = 0; i < side; i++) {
    const y = i - middle;
    const reach = side < 3 ? side : roundEven(middle * Math.sqrt((middle * middle - y * y) / (middle * middle)));
    for (let j = Math.max(middle - reach, 0); j < Math.min(middle + reach + 1, side); j++) found.push([j - middle, y]);
  }
  return found;
}

/** The least (or with `most` the greatest) value that the offsets reach from each pixel; beyond the border is nothing. */
export function spread(picture: Gray, offsets: readonly (readonly [number, number])[], most = false): Gray {
  const { width, height, data } = picture;
  const out = blank(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let best = most ? 0 : 255;
      for (const [dx, dy] of offsets) {
        const px = x + dx, py = y + dy;
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const value = data[py * width + px];
        if (most ? value > best : value < best) best = value;
      }
      out.data[y * width + x] = best;
    }
  }
  return out;
}

/** Numbers the 8-connected parts of what is `inside`, from 1; 0 is the rest. `boxes[0]` stands for the rest. */
export function components(picture: Gray, inside: (value: number) => boolean): { labels: Int32Array; boxes: Box[] } {
  const { width, height, data } = picture;
  const labels = new Int32Array(width * height);
  const boxes: Box[] = [{ left: 0, top: 0, width, height }];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (labels[start] || !inside(data[start])) continue;
    const label = boxes.length;
    let left = width, top = height, right = 0, bottom = 0;
    labels[start] = label;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop() as number;
      const x = at % width, y = (at - x) / width;
      left = Math.min(left, x), right = Math.max(right, x), top = Math.min(top, y), bottom = Math.max(bottom, y);
      for (let py = Math.max(y - 1, 0); py <= Math.min(y + 1, height - 1); py++) {
        for (let px = Math.max(x - 1, 0); px <= Math.min(x + 1, width - 1); px++) {
          const next = py * width + px;
          if (labels[next] || !inside(data[next])) continue;
          labels[next] = label;
          stack.push(next);
        }
      }
    }
    boxes.push({ left, top, width: right - left + 1, height: bottom - top + 1 });
  }
  return { labels, boxes };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
