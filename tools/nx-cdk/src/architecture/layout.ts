import { Graph, layout } from '@dagrejs/dagre';

/** In units of the drawing, which are pixels at its natural size. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Something in its place: the left upper corner. */
export type Placed<Thing> = Thing & Point;

/** What needs what, by the places in a list of things: the second one is needed by the first. */
export type Need = readonly [from: number, to: number];

/** Things in their places, and the ways of lines between them. */
export interface Layout extends Size {
  /** Corners, in the order of the things. */
  readonly places: readonly Point[];
  readonly lines: readonly Line[];
}

/** A line from what is needed to what needs it. */
export interface Line {
  /** The place of its need in the list of needs. */
  readonly need: number;
  readonly points: readonly Point[];
}

/** Between things that are packed. */
const GAP = 20;

/** Where more things hang together, their ranks are found in a quicker way, which makes longer lines. */
const MANY = 150;

/**
 * Things of which some need others: what is needed stands to the left. What hangs together is laid out as a graph, and
 * these and single things are packed into rows.
 *
 * @param widest what a row may take, unless one graph takes more
 */
export function layOut(things: readonly Size[], needs: readonly Need[], widest: number): Layout {
  const parts = componentsOf(things.length, needs).map((members) => layOutPart(things, needs, members));
  const packed = pack(parts, widest);
  const places: Point[] = Array.from(things, () => ({ x: 0, y: 0 }));
  const lines: Line[] = [];
  for (const part of packed.placed) {
    const moved = ({ x, y }: Point) => ({ x: x + part.x, y: y + part.y });
    for (const [thing, place] of part.corners) places[thing] = moved(place);
    for (const { need, points } of part.lines) lines.push({ need, points: points.map(moved) });
  }
  return { width: packed.width, height: packed.height, places, lines };
}

/** Puts things into rows, each row as high as its highest; the order stays. */
export function pack<Thing extends Size>(
  things: readonly Thing[],
  widest: number,
): Size & { readonly placed: readonly Placed<Thing>[] } {
  const placed: Placed<Thing>[] = [];
  let [x, y, rowHeight, width] = [0, 0, 0, 0];
  for (const thing of things) {
    if (x > 0 && x + thing.width > widest) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0];
    placed.push({ ...thing, x, y });
    x += thing.width + GAP;
    rowHeight = Math.max(rowHeight, thing.height);
    width = Math.max(width, x - GAP);
  }
  return { width, height: y + rowHeight, placed };
}

interface Part extends Size {
  readonly corners: readonly (readonly [thing: number, corner: Point])[];
  readonly lines: readonly Line[];
}

function layOutPart(things: readonly Size[], needs: readonly Need[], members: readonly number[]): Part {
  const [first] = members;
  if (members.length === 1) {
    const { width, height } = things[first!]!;
    return { width, height, corners: [[first!, { x: 0, y: 0 }]], lines: [] };
  }
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 14,
    edgesep: 8,
    ranksep: 64,
    ranker: members.length > MANY ? 'longest-path' : 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  // Numbers, not names: a name may hold what the library puts between names.
  for (const thing of members) {
    const { width, height } = things[thing]!;
    graph.setNode(String(thing), { width, height });
  }
  const isMember = new Set(members);
  const own = needs.flatMap(([from, to], need) => (isMember.has(from) ? [{ from, to, need }] : []));
  for (const { from, to } of own) graph.setEdge(String(to), String(from));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  const centerOf = (thing: number) => graph.node(String(thing)) as Point;
  const sideOf = (thing: number, side: 1 | -1): Point => {
    const { x, y } = centerOf(thing);
    return { x: x + (side * things[thing]!.width) / 2, y };
  };
  return {
    width,
    height,
    corners: members.map((thing) => {
      const { x, y } = centerOf(thing);
      const { width: w, height: h } = things[thing]!;
      return [thing, { x: x - w / 2, y: y - h / 2 }];
    }),
    lines: own.map(({ from, to, need }) => {
      const { points } = graph.edge(String(to), String(from)) as { readonly points: readonly Point[] };
      // The library lets lines begin and end at any side; read from left to right, they do so at two.
      // Where nothing is between the two, the one point between them is no bend.
      const bends = points.length > 3 ? points.slice(1, -1) : [];
      return { need, points: [sideOf(to, 1), ...bends, sideOf(from, -1)] };
    }),
  };
}

/** What hangs together, each with its members in order; those with most members first, then in order. */
function componentsOf(length: number, needs: readonly Need[]): number[][] {
  const others: number[][] = Array.from({ length }, () => []);
  for (const [from, to] of needs) {
    others[from]!.push(to);
    others[to]!.push(from);
  }
  const seen = new Set<number>();
  const found: number[][] = [];
  for (let start = 0; start < length; start += 1) {
    if (seen.has(start)) continue;
    const members: number[] = [];
    const left = [start];
    seen.add(start);
    while (left.length > 0) {
      const thing = left.pop()!;
      members.push(thing);
      for (const other of others[thing]!) {
        if (seen.has(other)) continue;
        seen.add(other);
        left.push(other);
      }
    }
    found.push(members.toSorted((a, b) => a - b));
  }
  return found.toSorted((a, b) => b.length - a.length);
}
