import { targetName } from '@nx-cdk/environments';
import { failuresSection } from './failures.ts';
import { name } from './format.ts';
import { html, type Html } from './html.ts';
import type { DiffRun } from './model.ts';
import { outcomeBadge } from './outcome.ts';
import {
  type Content,
  filtersOf,
  fold,
  messagesSection,
  requestsSection,
  runFacts,
  runPage,
  type Section,
  targetFacts,
} from './sections.ts';
import { timelineSection } from './timeline.ts';

type Stack = NonNullable<DiffRun['result']>['stacks'][number];

/** The page of a comparison: what could not be compared, then what differs, with values hidden as in the report. */
export function diffPage(run: DiffRun): Content {
  const { success, result } = run;
  const stacks = result?.stacks ?? [];
  return runPage(
    run,
    success ? 'done' : 'failed',
    [...targetFacts(stacks), ...runFacts(run, undefined)],
    [
      ...failuresSection(run),
      ...differencesSection(stacks),
      ...timelineSection(run.recording),
      ...requestsSection(run),
      ...messagesSection(run),
    ],
  );
}

function differencesSection(stacks: readonly Stack[]): Section[] {
  if (stacks.length === 0) return [];
  const different = stacks.filter(isDifferent);
  const kinds = [
    ['attention', 'allowing more', different.filter((stack) => stack.broadensPermissions).length],
    ['changed', 'different', different.length],
    ['unchanged', 'unchanged', stacks.filter(({ outcome }) => outcome === 'unchanged').length],
  ] as const;
  const groups = Map.groupBy(stacks, (stack) => targetName(stack));
  const body = [
    filtersOf('list-diff', kinds, 'stacks and resources', { opens: true, all: stacks.length }),
    html`<div id="list-diff">
      ${[...groups].map(([where, those]) => {
        // What needs a look comes first.
        const rows = those
          .filter(({ outcome }) => outcome !== 'unchanged')
          .toSorted((a, b) => Number(b.broadensPermissions) - Number(a.broadensPermissions));
        const unchanged = those.filter(({ outcome }) => outcome === 'unchanged');
        return html`<div data-group>
          <h3>${name(where)} <small>${those.length}</small></h3>
          <div class="rows">${rows.map(stackRow)}</div>
          ${unchanged.length > 0 && fold(`${unchanged.length} unchanged`, unchanged.map(stackRow))}
        </div> `;
      })}
    </div>`,
  ];
  return [{ id: 'differences', title: 'Differences', body }];
}

function isDifferent({ outcome }: Stack): boolean {
  return outcome === 'different';
}

function stackRow(stack: Stack): Html {
  const { id, outcome, broadensPermissions, text, failure } = stack;
  const kinds = isDifferent(stack) ? ['changed'] : [outcome];
  if (broadensPermissions) kinds.push('attention');
  const more = broadensPermissions && html`<strong class="warn">allows more than now</strong>`;
  const inside = failure === undefined ? linesOf(text) : html`<p>${failure.message}</p>`;
  return html`<details class="item" id="diff-${id}" data-kind="${kinds.join(' ')}" ${broadensPermissions && OPEN}>
    <summary class="row">
      <span class="what">${name(id)}</span><span class="marks">${more}</span
      ><span class="end">${outcomeBadge(outcome)}</span>
    </summary>
    <div class="inside">${inside}</div>
  </details> `;
}

const OPEN = html`open`;

const TONES: Readonly<Record<string, string>> = { '+': 'good', '-': 'bad', '~': 'warn' };

/** Lines say by a sign what is added, removed and changed; the colours only repeat it. */
function linesOf(text: string): Html {
  const lines = text.split('\n').map((line) => {
    const [, sign = ''] = /^[\s│├└─┬]*\[?([+~-])/.exec(line) ?? [];
    const tone = TONES[sign];
    return [tone === undefined ? line : html`<span class="${tone}">${line}</span>`, '\n'];
  });
  return html`<pre>${lines}</pre>`;
}
