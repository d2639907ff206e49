import { targetName } from '@nx-cdk/environments';
import { describeOutputs } from '../deploy/index.ts';
import { count, type RecordedItem } from '../progress/index.ts';
import { code, name } from './format.ts';
import { failuresSection } from './failures.ts';
import { html, type Html, joined, type Part } from './html.ts';
import type { DeployRun } from './model.ts';
import { kindOf, outcomeBadge } from './outcome.ts';
import {
  type Content,
  fold,
  messagesSection,
  requestsSection,
  runFacts,
  runPage,
  type Section,
  targetFacts,
} from './sections.ts';
import { table } from './table.ts';
import { timelineSection } from './timeline.ts';

type Stack = NonNullable<NonNullable<DeployRun['result']>['stacks']>[number];

/** The page of a deployment: what went wrong, when what happened, what changed, what is said of it. */
export function deployPage(run: DeployRun): Content {
  const { success, recording, result } = run;
  const stacks = result?.stacks ?? [];
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const aboutOf = ({ id }: RecordedItem) => {
    const stack = byId.get(id);
    return stack === undefined ? {} : { where: targetName(stack) };
  };
  const facts = [...targetFacts(stacks), ...runFacts(run, result?.release)];
  return runPage(run, success ? 'done' : 'failed', facts, [
    ...failuresSection(run),
    ...timelineSection(recording, aboutOf),
    ...changesSection(stacks),
    ...outputsSection(stacks),
    ...requestsSection(run),
    ...messagesSection(run),
  ]);
}

/** Stacks whose changes are not folded. */
const FIRST = 20;

/** What changed in each stack that did. */
function changesSection(stacks: readonly Stack[]): Section[] {
  const changed = stacks.filter(
    ({ outcome, changes }) => kindOf(outcome) === 'changed' || changes.resources.length > 0,
  );
  if (changed.length === 0) return [];
  // What takes away comes first.
  const weight = ({ changes: { removed, replaced } }: Stack) => Number(removed + replaced > 0);
  const sorted = changed.toSorted((a, b) => weight(b) - weight(a)).map(changesOf);
  const rest = sorted.length > FIRST && fold(`${sorted.length - FIRST} more stacks`, sorted.slice(FIRST));
  return [{ id: 'changes', title: 'Changes', body: [sorted.slice(0, FIRST), rest] }];
}

function changesOf({ id, stackName, outcome, changes, outputChanges, notes, ...target }: Stack): Html {
  const { added, modified, removed, replaced } = changes;
  const numbers = Object.entries({ added, modified, replaced, removed })
    .filter(([, number]) => number > 0)
    .map(([word, number]) => `${number} ${word}`);
  const what = [...numbers, describeOutputs(outputChanges)].filter(Boolean).join(', ');
  const rows = changes.resources.map((resource) => {
    const { action, logicalId, resourceType, replacement, constructPath, properties = [] } = resource;
    const isReplaced = replacement !== undefined && action !== 'Add';
    const replaces =
      isReplaced && html` <strong class="warn">${replacement === 'always' ? 'replaced' : 'may be replaced'}</strong>`;
    return html`<tr>
      <td>${WORDS[action] ?? action.toLowerCase()}${replaces}</td>
      <th scope="row">${name(within(constructPath ?? logicalId, id))}</th>
      <td>${resourceType}</td>
      <td>${properties.map(({ path }) => path).join(', ')}</td>
    </tr> `;
  });
  const changed = rows.length > 0 && table(['What', 'Resource', 'Type', 'Properties'], rows);
  const said = notes.length > 0 && html`<p class="dim">${notes.join('; ')}</p>`;
  return html`<details>
    <summary>
      ${outcomeBadge(outcome)} ${name(id)}
      <span class="dim">${stackName}, ${targetName(target)}: ${what || 'no resource changes'}</span>
    </summary>
    ${said}${changed}${outputChanges !== undefined && outputsOf(outputChanges)}
  </details> `;
}

/** Outputs that are others than before, by name. */
function outputsOf(changes: NonNullable<Stack['outputChanges']>): Html {
  const items = Object.entries(changes)
    .filter(([, names]) => names.length > 0)
    .map(([what, names]: [string, readonly string[]]) => html`<li>${what}: ${joined(names.map(name), ', ')}</li> `);
  return html`<p>Outputs</p>
    <ul>
      ${items}
    </ul>`;
}

const WORDS: Readonly<Record<string, string>> = { Add: 'add', Modify: 'change', Remove: 'remove', Import: 'import' };

function within(path: string, stackId: string): string {
  return path.replace(`${stackId}/`, '').replace(/\/Resource$/, '');
}

/** Outputs of the stacks, as they are now. */
function outputsSection(stacks: readonly Stack[]): Section[] {
  const rows = stacks.flatMap(({ id, outputs }) =>
    Object.entries(outputs).map(
      ([key, value]): Part =>
        html`<tr>
          <td>${name(id)}</td>
          <th scope="row">${name(key)}</th>
          <td>${code(value)}</td>
        </tr> `,
    ),
  );
  if (rows.length === 0) return [];
  const body = html`<details>
    <summary>${count(rows.length, 'output')}</summary>
    ${table(['Stack', 'Output', 'Value'], rows)}
  </details>`;
  return [{ id: 'outputs', title: 'Outputs', body }];
}
