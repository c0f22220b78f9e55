export type Point = { x: number; y: number };

/** A closed outline; y grows downward, one unit is one pixel. */
export type Contour = Point[];

const samplesPerPixel = 4;

/**
 * How much of each pixel lies inside the contours, 0 to 16, row by row: non-zero winding, sixteen samples for each pixel.
 */
export function coverage(contours: Contour[], width: number, height: number): Uint8Array {
  const covered = new Uint8Array(width * height);
  const edges = contours.flatMap((contour) =>
    contour.map((from, index) => ({ from, to: contour[(index + 1) % contour.length]! })),
  );
  for (let row = 0; row < height * samplesPerPixel; row++) {
    const y = (row + 0.5) / samplesPerPixel;
    const crossings = edges
      .filter(({ from, to }) => from.y <= y !== to.y <= y)
      .map(({ from, to }) => ({
        x: from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x),
        turn: from.y < to.y ? 1 : -1,
      }))
      .sort((first, second) => first.x - second.x);
    let winding = 0;
    for (const [index, { x, turn }] of crossings.entries()) {
      winding += turn;
      const next = crossings[index + 1];
      if (winding !== 0 && next) coverSpan(covered, Math.floor(row / samplesPerPixel) * width, width, x, next.x);
    }
  }
  return covered;
}

/** Counts the samples of one line between two places. */
function coverSpan(covered: Uint8Array, line: number, width: number, from: number, to: number): void {
  const first = Math.max(0, Math.ceil(from * samplesPerPixel - 0.5));
  const end = Math.min(width * samplesPerPixel, Math.ceil(to * samplesPerPixel - 0.5));
  for (let sample = first; sample < end; sample++) covered[line + Math.floor(sample / samplesPerPixel)]!++;
}
