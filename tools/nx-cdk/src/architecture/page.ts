import { join } from 'node:path';
import { targetName } from '@nx-cdk/environments';
import { count } from '../progress/index.ts';
import {
  code,
  type Fact,
  filtersOf,
  html,
  type Html,
  joined,
  moment,
  name,
  outcomeBadge,
  pageWith,
  type Part,
  type Section,
  table,
} from '../report/index.ts';
import { drawTargets, type StackFacts } from './draw.ts';
import { type Group, groupsOf, kindName, resourceCount, shortName } from './groups.ts';
import type { LastChanges } from './last-changes.ts';
import type { Architecture, DrawnStack, Link } from './model.ts';
import { drawOverview, environmentName } from './overview.ts';

/** What the page of an architecture is made from. */
export interface ArchitecturePage {
  readonly project: string;
  readonly architecture: Architecture;
  /** What the last release changed. @default - nobody knows */
  readonly last?: LastChanges;
}

/** Up to so many stacks, no environment is folded. */
const FEW = 40;

/** The page that draws an app: its stacks by environment and target, and what they need of each other. */
export function architecturePage({ project, architecture, last }: ArchitecturePage): string {
  const { stacks, links } = architecture;
  const groups = groupsOf(architecture);
  const places = new Map(stacks.map(({ id }, index) => [id, index]));
  const facts: StackFacts = {
    // Numbers: a name may hold what has a meaning in a link.
    anchorOf: (id) => `stack-${places.get(id)!}`,
    changeOf: (id) => last?.changes.get(id),
  };
  const resources = stacks.reduce((sum, stack) => sum + resourceCount(stack), 0);
  const targets = new Set(stacks.map(targetName)).size;
  const head: Fact[] = [
    ['It has', `${count(stacks.length, 'stack')}, ${count(resources, 'resource')}, in ${count(targets, 'target')}`],
    ['Dependencies', needsInWords(links)],
    ...(last === undefined ? [] : [['Last deployment', lastInWords(last)] as const]),
  ];
  return pageWith({
    title: `Architecture of ${project}`,
    facts: head,
    sections: [
      ...overviewSection(groups, links),
      stacksSection(architecture, groups, facts),
      ...kindsSection(stacks),
      ...outsideSection(architecture, facts),
    ],
    footer: 'the assembly of the app',
    styles: [join(import.meta.dirname, 'architecture.css')],
    scripts: [join(import.meta.dirname, 'architecture.js')],
  });
}

function needsInWords(links: readonly Link[]): string {
  if (links.length === 0) return 'none';
  const across = (part: Link['across'][number]) => links.filter((link) => link.across.includes(part)).length;
  const parts = [
    `${links.filter(({ imports }) => imports.length > 0).length} with exported values`,
    `${across('account')} across accounts`,
    `${across('region')} across regions`,
  ].filter((text) => !text.startsWith('0 '));
  return `${links.length} between stacks${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

function lastInWords({ startedAt, changes, hasFailed }: LastChanges): Part {
  const number = changes.size === 0 ? 'changed nothing' : `changed ${count(changes.size, 'stack')}`;
  return [moment(startedAt), ` ${number}`, hasFailed && html` <span class="bad">and failed</span>`];
}

function overviewSection(groups: readonly Group[], links: readonly Link[]): Section[] {
  if (groups.length < 2) return [];
  const body = drawOverview(groups, links, (group) => `group-${group}`);
  return [{ id: 'overview', title: 'Environments', body }];
}

function stacksSection({ stacks, links }: Architecture, groups: readonly Group[], facts: StackFacts): Section {
  const needs = Map.groupBy(links, ({ from }) => from);
  const neededBy = Map.groupBy(links, ({ to }) => to);
  const isAcross = (id: string) =>
    [...(needs.get(id) ?? []), ...(neededBy.get(id) ?? [])].some(({ across }) => across.length > 0);
  const changed = stacks.filter(({ id }) => facts.changeOf(id) !== undefined).length;
  const kinds = [
    ...(changed > 0 ? [['changed', 'changed last', changed] as const] : []),
    ...(stacks.some(({ id }) => isAcross(id))
      ? [['across', 'across accounts or regions', stacks.filter(({ id }) => isAcross(id)).length] as const]
      : []),
  ];
  const rowOf = (stack: DrawnStack): Html => {
    const { id } = stack;
    const change = facts.changeOf(id);
    const kind = [change !== undefined && 'changed', isAcross(id) && 'across', 'stack'].filter(Boolean).join(' ');
    return html`<tr id="${facts.anchorOf(id)}" data-kind="${kind}">
      <th scope="row">
        ${name(shortName(stack))} ${change !== undefined && outcomeBadge(change)}<br /><small class="dim"
          >${name(stack.stackName)}</small
        >
      </th>
      <td data-of="target">${targetName(stack)}</td>
      <td class="what" data-of="resources">${kindsOf(stack)}</td>
      <td data-of="needs">${linkList(needs.get(id) ?? [], ({ to }) => to, facts)}</td>
      <td data-of="needed by">${linkList(neededBy.get(id) ?? [], ({ from }) => from, facts)}</td>
    </tr> `;
  };
  const isFew = stacks.length <= FEW;
  const body = [
    legend(links, changed > 0),
    filtersOf('stacks-list', kinds, 'stacks and kinds', { opens: true, all: stacks.length }),
    html`<div id="stacks-list">
      ${groups.map((group, index) => {
        const own = group.targets.flatMap((target) => target.stacks);
        const isOpen = isFew || own.some(({ id }) => facts.changeOf(id) !== undefined);
        return html`<details class="item environment" id="group-${index}" data-group ${isOpen && OPEN}>
          <summary>
            <strong>${name(environmentName(group))}</strong>
            <span class="dim">${count(own.length, 'stack')} in ${count(group.targets.length, 'target')}</span>
          </summary>
          ${drawTargets(group.targets, links, facts)}
          ${table(['Stack', 'Target', 'Resources', 'Needs', 'Needed by'], own.map(rowOf), { wide: true })}
        </details> `;
      })}
    </div>`,
  ];
  return { id: 'stacks', title: 'Stacks', body };
}

const OPEN = html` open`;

function legend(links: readonly Link[], isMarked: boolean): Html {
  const sample = (look: string, text: string) =>
    html`<li>
      <svg class="drawing sample" width="34" height="10" aria-hidden="true">
        <path class="need ${look}" d="M0 5L32 5M25 1L32 5L25 9" />
      </svg>
      ${text}
    </li>`;
  const entries = [
    links.some(({ imports, across }) => imports.length === 0 && across.length === 0) &&
      sample('', 'is deployed before'),
    links.some(({ imports }) => imports.length > 0) && sample('imports', 'exports a value for'),
    links.some(({ across }) => across.length > 0) && sample('across', 'across accounts or regions'),
    isMarked &&
      html`<li>
        <svg class="drawing sample" width="34" height="14" aria-hidden="true">
          <g class="box changed"><rect x="1" y="1" width="32" height="12" rx="3" /></g>
        </svg>
        changed by the last deployment
      </li>`,
  ].filter((entry) => entry !== false);
  if (entries.length === 0) return html``;
  return html`<ul class="legend">
    ${entries}
    <li>A line that follows from others is left out; the tables have all.</li>
  </ul>`;
}

function kindsOf({ kinds }: DrawnStack): Part {
  if (kinds.length === 0) return html`<span class="dim">none</span>`;
  return joined(
    kinds.map(({ type, count: number }) => html`<span class="kind">${number} × ${name(kindName(type))}</span>`),
    ', ',
  );
}

/** Of more stacks, the rest is folded. */
const FEW_LINKS = 6;

function linkList(links: readonly Link[], other: (link: Link) => string, { anchorOf }: StackFacts): Part {
  const items = links.map((link) => {
    const { imports, across } = link;
    const id = other(link);
    const notes = [
      across.length > 0 && `across ${across.join(' and ')}`,
      imports.length > 0 && `${count(imports.length, 'value')}`,
    ].filter((note) => note !== false);
    const values =
      imports.length > 0 &&
      html`<details>
        <summary class="dim">${notes.join(', ')}</summary>
        <ul>
          ${imports.map((value) => html`<li>${code(value)}</li>`)}
        </ul>
      </details>`;
    return html`<li>
      <a href="#${anchorOf(id)}">${name(id)}</a>
      ${imports.length > 0 ? values : notes.length > 0 && html`<span class="dim">${notes.join(', ')}</span>`}
    </li> `;
  });
  if (items.length === 0) return '';
  const rest =
    items.length > FEW_LINKS &&
    html`<details>
      <summary class="dim">${items.length - FEW_LINKS} more</summary>
      <ul class="plain needs">
        ${items.slice(FEW_LINKS)}
      </ul>
    </details>`;
  return [
    html`<ul class="plain needs">
      ${items.slice(0, FEW_LINKS)}
    </ul>`,
    rest,
  ];
}

/** All resources by their type. */
function kindsSection(stacks: readonly DrawnStack[]): Section[] {
  const kinds = new Map<string, { resources: number; stacks: number }>();
  for (const stack of stacks) {
    for (const { type, count: number } of stack.kinds) {
      const known = kinds.get(type) ?? { resources: 0, stacks: 0 };
      kinds.set(type, { resources: known.resources + number, stacks: known.stacks + 1 });
    }
  }
  if (kinds.size === 0) return [];
  const rows = [...kinds]
    .toSorted(([a, one], [b, other]) => other.resources - one.resources || (a < b ? -1 : 1))
    .map(
      ([type, sums]) =>
        html`<tr>
          <th scope="row">${code(type)}</th>
          <td class="number" data-of="resources">${sums.resources}</td>
          <td class="number" data-of="stacks">${sums.stacks}</td>
        </tr> `,
    );
  const body = html`<details>
    <summary>${count(kinds.size, 'kind')} of resources</summary>
    ${table(['Type', { number: 'Resources' }, { number: 'Stacks' }], rows, { wide: true })}
  </details>`;
  return [{ id: 'kinds', title: 'Resources by kind', body }];
}

/** What stacks import, and no stack of the app exports. */
function outsideSection({ outside }: Architecture, { anchorOf }: StackFacts): Section[] {
  if (outside.length === 0) return [];
  const items = outside.map(
    ({ stack, name: value }) => html`<li><a href="#${anchorOf(stack)}">${name(stack)}</a> imports ${code(value)}</li> `,
  );
  const body = html`<p class="dim">No stack of this app exports these values in the account and region of the stack.</p>
    <ul>
      ${items}
    </ul>`;
  return [{ id: 'outside', title: 'From outside of the app', body }];
}
