import { targetName } from '@nx-cdk/environments';
import { leftBehindLine, leftBehindTitle } from '../deploy/index.ts';
import {
  ACCEPTED,
  attentionOf,
  attentionOfDeletion,
  countsOf,
  deletionOf,
  deletionsTitle,
  driftLine,
  DRIFTED,
  outcomeOf,
  outputsLine,
  permissionsTitle,
  type Plan,
  type PlannedDeletion,
  type PlannedStack,
  REFUSED,
  resourcesOf,
  revertsLine,
  wordAccepted,
  wordRefusal,
} from '../plan/index.ts';
import { failuresSection } from './failures.ts';
import { digest, name } from './format.ts';
import { html, type Html, type Part } from './html.ts';
import type { PlanRun } from './model.ts';
import { outcomeBadge } from './outcome.ts';
import {
  type Content,
  type Fact,
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
import { table } from './table.ts';

/** The page of a plan: what rules refuse, what to look at twice, and what would change. */
export function planPage(run: PlanRun): Content {
  const { success, recording, result } = run;
  const { plan, digest: hex, file } = result ?? {};
  const isRefused = (plan?.verdict?.refused ?? []).length > 0;
  const facts: Fact[] = [
    ...(hex === undefined ? [] : [['Plan', digest(hex)] as const]),
    ...(file === undefined ? [] : [['File', html`<code>${file}</code>`] as const]),
    ...targetFacts(plan?.stacks ?? []),
    ...runFacts(run, plan?.release),
    ...(plan?.revertsDrift ? [['Drift', revertsLine(plan)] as const] : []),
  ];
  return runPage(run, isRefused ? 'refused' : success ? 'done' : 'failed', facts, [
    // What rules refuse is no failure of planning, and told once.
    ...(plan === undefined ? failuresSection(run) : verdictSection(plan)),
    ...(plan === undefined ? [] : [...attentionSection(plan), ...changesSection(plan), ...goingSection(plan)]),
    ...timelineSection(recording),
    ...requestsSection(run),
    ...messagesSection(run, { isLong: false }),
  ]);
}

/** What the rules of the workspace say. */
function verdictSection({ verdict }: Plan): Section[] {
  const { refused = [], accepted = [] } = verdict ?? {};
  if (refused.length + accepted.length === 0) return [];
  const list = (title: string, look: string, texts: readonly string[]) =>
    texts.length > 0 &&
    html`<div class="panel${look}">
      <h3>${title}</h3>
      <ul>
        ${texts.map((text) => html`<li>${text}</li>`)}
      </ul>
    </div>`;
  const body = [
    list(
      REFUSED,
      ' alarm',
      refused.map((one) => `${one.stack}: ${wordRefusal(one)}`),
    ),
    list(
      ACCEPTED,
      '',
      accepted.map((one) => `${one.stack}: ${wordAccepted(one)}`),
    ),
  ];
  return [{ id: 'rules', title: 'Rules', body }];
}

/** What a reviewer has to look at, a line for each stack. */
function attentionSection({ stacks, deletions = [] }: Plan): Section[] {
  const lines = [
    ...stacks.map((stack) => ({ id: stack.id, words: [...attentionOf(stack), ...exposuresOf(stack)] })),
    ...deletions.map((one) => ({ id: one.stackName, words: attentionOfDeletion(one) })),
  ].filter(({ words }) => words.length > 0);
  if (lines.length === 0) return [];
  const items = lines.map(({ id, words }) => html`<li><a href="#plan-${id}">${name(id)}</a>: ${marks(words)}</li> `);
  return [
    {
      id: 'attention',
      title: 'Look twice',
      body: html`<ul>
        ${items}
      </ul>`,
    },
  ];
}

function exposuresOf({ exposed = [] }: PlannedStack): string[] {
  return exposed.length > 0 ? ['open to everybody'] : [];
}

const ALARMING = new Set(['data loss', 'open to everybody', 'deletes']);

function marks(words: readonly string[]): Part {
  return words.map(
    (word, index) => html`${index > 0 && ', '}<strong class="${ALARMING.has(word) ? 'bad' : 'warn'}">${word}</strong>`,
  );
}

/** What would change, by environment and target; what needs a look first. */
function changesSection({ stacks }: Plan): Section[] {
  const isChanging = ({ outcome, drift = [] }: PlannedStack) => outcome !== 'unchanged' || drift.length > 0;
  const changing = stacks.filter(isChanging);
  const kinds = [
    ['attention', 'to look at', stacks.filter((stack) => attentionOf(stack).length > 0).length],
    ['changed', 'changing', changing.length],
    ['unchanged', 'unchanged', stacks.length - changing.length],
  ] as const;
  const groups = Map.groupBy(stacks, (stack) => JSON.stringify([environmentOf(stack.id), targetName(stack)]));
  const body = [
    filtersOf('list-plan', kinds, 'stacks and resources', { opens: true, all: stacks.length }),
    html`<div id="list-plan">
      ${[...groups].map(([key, those]) => {
        const [environment, where] = JSON.parse(key) as [string, string];
        const heading = environment === '' ? name(where) : html`${name(environment)} <small>${where}</small>`;
        const rank = (stack: PlannedStack) => Number(attentionOf(stack).length > 0);
        const rows = those.filter(isChanging).toSorted((a, b) => rank(b) - rank(a));
        const others = those.filter((stack) => !isChanging(stack));
        return html`<div data-group>
          <h3>${heading} <small>${those.length}</small></h3>
          <div class="rows">${rows.map(stackRow)}</div>
          ${others.length > 0 && fold(`${others.length} unchanged`, others.map(stackRow))}
        </div> `;
      })}
    </div>`,
  ];
  return [{ id: 'changes', title: 'Changes', body }];
}

function environmentOf(id: string): string {
  return id.includes('/') ? id.slice(0, id.indexOf('/')) : '';
}

function stackRow(stack: PlannedStack): Html {
  const { id, outcome, reasons, permissions, exposed = [], drift = [] } = stack;
  const attention = [...attentionOf(stack), ...exposuresOf(stack)];
  const kinds = [outcome === 'unchanged' && drift.length === 0 ? 'unchanged' : 'changed'];
  if (attention.length > 0) kinds.push('attention');
  const { added, changed, replaced, removed } = countsOf(stack);
  const signs = Object.entries({ '+': added, '~': changed, '±': replaced, '−': removed })
    .filter(([, number]) => number > 0)
    .map(([sign, number]) => `${sign}${number}`)
    .join(' ');
  const row = html`<span class="what">${name(id)}</span><span class="marks">${marks(attention)}</span
    ><span class="time" title="${outcomeOf(stack)}">${signs}</span> <span class="end">${outcomeBadge(outcome)}</span>`;
  const lines = permissions.lines.toSorted((a, b) => Number(b.widens) - Number(a.widens));
  const inside = [
    html`<p class="dim">${[outcomeOf(stack), ...reasons, ...outputsLine(stack)].join('; ')}</p>`,
    resourceTable(stack),
    lines.length > 0 &&
      html`<h4 class="${permissions.widened && 'warn'}">It ${permissionsTitle(stack)}</h4>
        <ul class="plain">
          ${lines.map(
            ({ text, widens, resource }) =>
              html`<li>
                ${widens ? html`<strong class="warn">more</strong>` : html`<span class="dim">not more</span>`}
                ${resource !== undefined && html`<span class="dim">${name(resource)}</span>`}
                <pre>${text}</pre>
              </li>`,
          )}
        </ul>`,
    exposed.length > 0 &&
      html`<h4 class="bad">Everybody can reach</h4>
        <ul>
          ${exposed.map(({ resource, text }) => html`<li>${name(resource)}: ${text}</li>`)}
        </ul>`,
    drift.length > 0 &&
      html`<h4>It ${DRIFTED}</h4>
        <ul>
          ${drift.map((one) => html`<li>${driftLine(one, stack)}</li>`)}
        </ul>`,
  ];
  // What needs a look is open.
  return html`<details class="item" id="plan-${id}" data-kind="${kinds.join(' ')}" ${attention.length > 0 && OPEN}>
    <summary class="row">${row}</summary>
    <div class="inside">${inside}</div>
  </details> `;
}

const OPEN = html`open`;

function resourceTable(stack: Pick<PlannedStack, 'id' | 'changes'>): Part {
  const resources = resourcesOf(stack);
  if (resources.length === 0) return undefined;
  const rows = resources.map(({ what, name: path, type, data, isLost, properties }) => {
    const fate = isLost ? html`<strong class="bad">${data}</strong>` : data;
    const isReplaced = what === 'replace' || what === 'may be replaced' || what === 'remove';
    return html`<tr>
      <td data-of="">${isReplaced ? html`<strong class="warn">${what}</strong>` : what}</td>
      <th scope="row">${name(path)}</th>
      <td data-of="">${type}</td>
      <td data-of="">${fate}</td>
      <td data-of="">${properties}</td>
    </tr> `;
  });
  return table(['What', 'Resource', 'Type', 'Data', 'Properties'], rows, { wide: true });
}

/** What is deleted in the end, and what stays though the app does not hold it any more. */
function goingSection({ deletions, leftBehind = [] }: Plan): Section[] {
  const sections: Section[] = [];
  if (deletions !== undefined) {
    const body = [html`<p>${deletionsTitle(deletions)}</p>`, deletions.map(deletionRow)];
    sections.push({ id: 'deletions', title: 'Deletions', body });
  }
  if (leftBehind.length > 0) {
    const lines = leftBehind.map((stack) => html`<li>${leftBehindLine(stack)}</li>`);
    const body = html`<p>${leftBehindTitle(leftBehind)}. This plan leaves them alone.</p>
      <ul>
        ${lines}
      </ul>`;
    sections.push({ id: 'left-behind', title: 'Left behind', body });
  }
  return sections;
}

function deletionRow(deletion: PlannedDeletion): Html {
  const { stackName: id, changes } = deletion;
  return html`<details id="plan-${id}" open>
    <summary>
      ${name(id)}
      <span class="dim">${targetName(deletion)}: ${deletionOf(deletion)}</span> ${marks(attentionOfDeletion(deletion))}
    </summary>
    ${resourceTable({ id, changes })}
  </details> `;
}
