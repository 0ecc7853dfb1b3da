// The box around points.

export interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The box around all points, in their unit; at infinity when there are none. */
export function extent(points: readonly (readonly number[])[]): Extent {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x), box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y), box.bottom = Math.max(box.bottom, y);
  }
  return box;
}
