import { count } from '../progress/index.ts';
import { html, type Html } from '../report/index.ts';
import { type Group, resourceCount } from './groups.ts';
import { curve, drawing } from './draw.ts';
import { pack, type Point, type Size } from './layout.ts';
import type { Link } from './model.ts';

const CELL = { width: 236, height: 52, gap: 12 } as const;
const HEAD = 36;
const SIDE = 14;
const WIDEST = 1300;

/** What environments and targets hold, and what of one needs something of another; for eyes alone. */
export function drawOverview(
  groups: readonly Group[],
  links: readonly Link[],
  anchorOf: (group: number) => string,
): Html {
  const columns = groups.map(({ targets }) => ({
    width: CELL.width + 2 * SIDE,
    height: HEAD + targets.length * (CELL.height + CELL.gap) + 4,
  }));
  const packed = pack(columns, WIDEST);
  const cells = new Map<string, Point & Size>();
  const cellOf = new Map<string, string>();
  groups.forEach(({ targets }, group) => {
    const column = packed.placed[group]!;
    targets.forEach(({ stacks }, target) => {
      const key = `${group}/${target}`;
      const y = column.y + HEAD + target * (CELL.height + CELL.gap);
      cells.set(key, { x: column.x + SIDE, y, width: CELL.width, height: CELL.height });
      for (const { id } of stacks) cellOf.set(id, key);
    });
  });
  const frames = groups.map((group, index) => {
    const { x, y, width, height } = packed.placed[index]!;
    return html`<svg x="${x}" y="${y}" width="${width}" height="${height}">
      <rect class="frame" x="1" y="1" width="${width - 2}" height="${height - 2}" rx="8" />
      <text class="frame-name" x="${SIDE}" y="24">${environmentName(group)}</text>
    </svg> `;
  });
  const boxes = groups.flatMap(({ targets }, index) =>
    targets.map(({ target, stacks }, number) => {
      const { x, y, width, height } = cells.get(`${index}/${number}`)!;
      const resources = stacks.reduce((sum, stack) => sum + resourceCount(stack), 0);
      return html`<a href="#${anchorOf(index)}" tabindex="-1"
        ><svg class="box" x="${x}" y="${y}" width="${width}" height="${height}">
          <rect x="1" y="1" width="${width - 2}" height="${height - 2}" rx="5" />
          <text x="10" y="21">${target}</text>
          <text class="small dim" x="10" y="40">${count(stacks.length, 'stack')}, ${count(resources, 'resource')}</text>
        </svg></a
      > `;
    }),
  );
  const between = new Map<string, readonly [from: string, to: string, number: number]>();
  for (const { from, to } of links) {
    const [a, b] = [cellOf.get(from)!, cellOf.get(to)!];
    if (a === b) continue;
    const key = `${a} ${b}`;
    between.set(key, [a, b, (between.get(key)?.[2] ?? 0) + 1]);
  }
  const lines = [...between.values()].map(([from, to, number]) => {
    const what = number === 1 ? 'a stack needs one over there' : `${number} times, a stack needs one over there`;
    return html`<path class="need across" d="${curve(cells.get(to)!, cells.get(from)!)}"
      ><title>${what}</title></path
    > `;
  });
  return drawing(packed, [frames, lines, boxes]);
}

export function environmentName({ environment }: Pick<Group, 'environment'>): string {
  return environment ?? 'Without an environment';
}
