import { layOut, type Need, pack, type Point, type Size } from './layout.ts';

const BOX: Size = { width: 200, height: 80 };
const boxes = (number: number) => Array.from({ length: number }, () => BOX);

/** Pairs of things that lie on each other. */
function overlaps(things: readonly Size[], places: readonly Point[]): string[] {
  return things.flatMap((a, i) =>
    things.flatMap((b, j) => {
      if (j <= i) return [];
      const [p, q] = [places[i]!, places[j]!];
      const isApart = p.x + a.width <= q.x || q.x + b.width <= p.x || p.y + a.height <= q.y || q.y + b.height <= p.y;
      return isApart ? [] : [`${i} and ${j}`];
    }),
  );
}

test('what is needed stands to the left of what needs it, and the line leads from one to the other', () => {
  const { places, lines } = layOut(
    boxes(3),
    [
      [1, 0],
      [2, 1],
    ],
    1000,
  );
  expect(places[0]!.x + BOX.width).toBeLessThan(places[1]!.x);
  expect(places[1]!.x + BOX.width).toBeLessThan(places[2]!.x);
  for (const { need, points } of lines) {
    const [from, to] = need === 0 ? [1, 0] : [2, 1];
    expect(points[0]).toEqual({ x: places[to]!.x + BOX.width, y: places[to]!.y + BOX.height / 2 });
    expect(points.at(-1)).toEqual({ x: places[from]!.x, y: places[from]!.y + BOX.height / 2 });
  }
});

test('a hundred things, each in its place: none lies on another or outside, and needs have a line', () => {
  const needs = Array.from({ length: 60 }, (_, index): Need => [index + 1, Math.floor(index / 3)]);
  const { places, lines, width, height } = layOut(boxes(100), needs, 1300);
  expect(overlaps(boxes(100), places)).toEqual([]);
  for (const { x, y } of places) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + BOX.width).toBeLessThanOrEqual(width + 1);
    expect(y + BOX.height).toBeLessThanOrEqual(height + 1);
  }
  expect(lines.map(({ need }) => need).toSorted((a, b) => a - b)).toEqual(needs.map((_, index) => index));
});

test('things that need nothing stand in rows, none wider than is allowed', () => {
  const { width, height } = layOut(boxes(100), [], 1000);
  expect(width).toBeLessThanOrEqual(1000);
  expect(height).toBeGreaterThan(20 * BOX.height);
});

test('things that need each other in a circle have places, too', () => {
  const { places, lines } = layOut(
    boxes(3),
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
    1000,
  );
  expect(overlaps(boxes(3), places)).toEqual([]);
  expect(lines).toHaveLength(3);
});

test('more things than fit into a row begin the next one below the highest', () => {
  const { placed, height } = pack([BOX, { width: 100, height: 200 }, BOX], 330);
  expect(placed.map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [220, 0],
    [0, 220],
  ]);
  expect(height).toBe(300);
});

test('nothing has a place in nothing', () => {
  expect(layOut([], [], 1000)).toEqual({ width: 0, height: 0, places: [], lines: [] });
});
