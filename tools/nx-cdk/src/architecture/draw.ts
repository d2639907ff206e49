import stringWidth from 'string-width';
import { html, type Html, type Part } from '../report/index.ts';
import { kindName, resourceCount, shortName, type TargetGroup, tellingFirst, tellingLinks } from './groups.ts';
import { layOut, type Need, pack, type Point, type Size } from './layout.ts';
import type { Change, DrawnStack, Link } from './model.ts';

/** What a drawing is told of a stack. */
export interface StackFacts {
  /** Id of the element that has the facts of the stack in words. */
  readonly anchorOf: (id: string) => string;
  readonly changeOf: (id: string) => Change | undefined;
}

/** Pixels at the natural size. */
const BOX_WIDTH = 216;
const LINE = 17;
const PADDING = 10;
const HEAD = 46;
const FRAME = { side: 16, head: 40, bottom: 16 } as const;
const WIDEST_FRAME = 1300;

/** Kinds of resources that are named in a box; of more, how many there are. */
const KINDS_IN_BOX = 3;

/** Pixels that a letter takes on average. What is wider is cut off at the edge of its box. */
const LETTER = { name: 7.4, small: 6.3 } as const;

/**
 * The stacks of an environment: a frame for each target, a box for each stack, a line for each need that does not
 * follow from others. It is for eyes alone: the same facts are in a table.
 */
export function drawTargets(targets: readonly TargetGroup[], all: readonly Link[], facts: StackFacts): Html {
  const links = tellingLinks(all);
  const frames = targets.map((group) => frameOf(group, links));
  const packed = pack(frames, WIDEST_FRAME);
  const boxes = new Map<string, Point & Size>();
  for (const frame of packed.placed)
    for (const { stack, x, y, ...size } of frame.boxes)
      boxes.set(stack.id, { ...size, x: frame.x + x, y: frame.y + y });
  const backs = packed.placed.map(
    ({ target, x, y, width, height }) =>
      html`<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="8" />
        <text class="frame-name" x="${x + FRAME.side}" y="${y + 26}">${target}</text> `,
  );
  const within = packed.placed.flatMap(({ lines, x: left, y: top }) =>
    lines.map(({ link, points }) => {
      const moved = points.map(({ x, y }) => ({ x: left + x, y: top + y }));
      return lineOf(link, smooth(moved), facts);
    }),
  );
  const targetOf = new Map(targets.flatMap(({ target, stacks }) => stacks.map(({ id }) => [id, target] as const)));
  const between = links
    .filter(({ from, to }) => boxes.has(from) && boxes.has(to) && targetOf.get(from) !== targetOf.get(to))
    .map((link) => lineOf(link, curve(boxes.get(link.to)!, boxes.get(link.from)!), facts));
  const front = packed.placed.flatMap((frame) =>
    frame.boxes.map(({ stack }) => boxOf(stack, boxes.get(stack.id)!, facts)),
  );
  // Lines pass behind boxes, whose names have to be read.
  return drawing(packed, [backs, within, between, front]);
}

/** An SVG at its natural size, with a little room for its lines. */
export function drawing({ width, height }: Size, parts: Part): Html {
  const [w, h] = [Math.ceil(width) + 2, Math.ceil(height) + 2];
  return html`<div class="scroll">
    <svg class="drawing" width="${w}" height="${h}" viewBox="-1 -1 ${w} ${h}" aria-hidden="true">${parts}</svg>
  </div> `;
}

interface Frame extends Size {
  readonly target: string;
  readonly boxes: readonly (Point & Size & { readonly stack: DrawnStack })[];
  readonly lines: readonly { readonly link: Link; readonly points: readonly Point[] }[];
}

function frameOf({ target, stacks }: TargetGroup, links: readonly Link[]): Frame {
  const places = new Map(stacks.map(({ id }, index) => [id, index]));
  const own = links.filter(({ from, to }) => places.has(from) && places.has(to));
  const needs = own.map(({ from, to }): Need => [places.get(from)!, places.get(to)!]);
  const sizes = stacks.map(sizeOf);
  const laid = layOut(sizes, needs, WIDEST_FRAME - 2 * FRAME.side);
  const moved = ({ x, y }: Point) => ({ x: x + FRAME.side, y: y + FRAME.head });
  return {
    target,
    width: Math.max(laid.width, widthOf(target, 'name')) + 2 * FRAME.side,
    height: laid.height + FRAME.head + FRAME.bottom,
    boxes: stacks.map((stack, index) => ({ stack, ...sizes[index]!, ...moved(laid.places[index]!) })),
    lines: laid.lines.map(({ need, points }) => ({ link: own[need]!, points: points.map(moved) })),
  };
}

function kindsIn(stack: DrawnStack): { readonly shown: readonly string[]; readonly left: number } {
  const kinds = tellingFirst(stack.kinds);
  const number = kinds.length === KINDS_IN_BOX + 1 ? KINDS_IN_BOX + 1 : KINDS_IN_BOX;
  const shown = kinds.slice(0, number).map(({ type, count }) => `${count} × ${kindName(type)}`);
  return { shown, left: kinds.length - shown.length };
}

function sizeOf(stack: DrawnStack): Size {
  const { shown, left } = kindsIn(stack);
  const lines = shown.length + Number(left > 0);
  return { width: BOX_WIDTH, height: HEAD + (lines === 0 ? 0 : lines * LINE + 6) };
}

function boxOf(stack: DrawnStack, { x, y, width, height }: Point & Size, { anchorOf, changeOf }: StackFacts): Html {
  const { shown, left } = kindsIn(stack);
  const change = changeOf(stack.id);
  const resources = resourceCount(stack);
  const lines = [...shown, ...(left > 0 ? [`and ${left} more kinds`] : [])].map(
    (text, index) =>
      html`<text class="small" x="${PADDING}" y="${HEAD + 9 + index * LINE}">${cut(text, 'small')}</text>`,
  );
  const anchor = anchorOf(stack.id);
  // An SVG in an SVG cuts off what leaves it.
  return html`<a href="#${anchor}" tabindex="-1" class="box${change !== undefined && ' changed'}" data-box="${anchor}"
    ><title>${stack.id}</title
    ><svg x="${x}" y="${y}" width="${width}" height="${height}">
      <rect x="1" y="1" width="${width - 2}" height="${height - 2}" rx="5" />
      <text x="${PADDING}" y="20">${cut(shortName(stack), 'name')}</text>
      <text class="small dim" x="${PADDING}" y="38">${resources} ${resources === 1 ? 'resource' : 'resources'}</text>
      ${change !== undefined && html`<text class="change" x="${width - PADDING}" y="38">${SIGNS[change]} ${change}</text>`}
      ${lines}
    </svg></a
  > `;
}

const SIGNS: Readonly<Record<Change, string>> = { created: '+', updated: '~' };

function lineOf({ from, to, imports, across }: Link, path: string, { anchorOf }: StackFacts): Html {
  const look = [imports.length > 0 ? 'imports' : '', across.length > 0 ? 'across' : ''].filter(Boolean).join(' ');
  const values =
    imports.length === 0 ? '' : `, and imports ${imports.length === 1 ? 'a value' : `${imports.length} values`}`;
  return html`<path class="need ${look}" d="${path}" data-from="${anchorOf(from)}" data-to="${anchorOf(to)}"
    ><title>${from} needs ${to}${values}</title></path
  > `;
}

/** A line through points, with the head of an arrow at its end, as the path of one element: it has one colour. */
function smooth([first, ...rest]: readonly Point[]): string {
  if (first === undefined) return '';
  let before = first;
  const parts = rest.map((point) => {
    // Level at each point, so that no corner shows.
    const middle = (before.x + point.x) / 2;
    const part = `C${at({ x: middle, y: before.y })} ${at({ x: middle, y: point.y })} ${at(point)}`;
    before = point;
    return part;
  });
  return `M${at(first)}${parts.join('')}${arrow(before)}`;
}

/** From the right side of what is needed to the left side of what needs it. */
export function curve(needed: Point & Size, needing: Point & Size): string {
  const start = { x: needed.x + needed.width, y: needed.y + needed.height / 2 };
  const end = { x: needing.x, y: needing.y + needing.height / 2 };
  if (end.x >= start.x) {
    const bend = Math.max(30, (end.x - start.x) / 2);
    return `M${at(start)}C${at({ x: start.x + bend, y: start.y })} ${at({ x: end.x - bend, y: end.y })} ${at(end)}${arrow(end)}`;
  }
  // Not around both: from below to above, or the other way round.
  const isBelow = needing.y > needed.y;
  const from = { x: needed.x + needed.width / 2, y: needed.y + (isBelow ? needed.height : 0) };
  const to = { x: needing.x + needing.width / 2, y: needing.y + (isBelow ? 0 : needing.height) };
  const half = (from.y + to.y) / 2;
  const [dx, dy] = [4, isBelow ? -7 : 7];
  return `M${at(from)}C${at({ x: from.x, y: half })} ${at({ x: to.x, y: half })} ${at(to)}M${at({ x: to.x - dx, y: to.y + dy })}L${at(to)}L${at({ x: to.x + dx, y: to.y + dy })}`;
}

function arrow({ x, y }: Point): string {
  return `M${at({ x: x - 7, y: y - 4 })}L${at({ x, y })}L${at({ x: x - 7, y: y + 4 })}`;
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}

function widthOf(text: string, size: keyof typeof LETTER): number {
  return stringWidth(text) * LETTER[size];
}

/** A text that fits into a box; the end of a name says most. */
function cut(text: string, size: keyof typeof LETTER): string {
  const room = BOX_WIDTH - 2 * PADDING;
  if (widthOf(text, size) <= room) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const kept: string[] = [];
  const ordered = size === 'name' ? letters.toReversed() : letters;
  for (const letter of ordered) {
    if (widthOf(`…${kept.join('')}${letter}`, size) > room) break;
    kept.push(letter);
  }
  return size === 'name' ? `…${kept.toReversed().join('')}` : `${kept.join('')}…`;
}
