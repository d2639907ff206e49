import type { FailureCause } from '../cloudformation/index.ts';
import { count, type RecordedItem, type RecordedRun } from '../progress/index.ts';
import { anchorOf, code, name } from './format.ts';
import { html, type Html, joined } from './html.ts';
import type { ShownRun } from './model.ts';
import { fold, type Section } from './sections.ts';

/** Failures that are not folded. */
const FIRST = 10;

/** Things that a sentence about others names. */
const NAMED = 12;

/** What went wrong, each with what was skipped because of it; nothing if nothing did. */
export function failuresSection(run: ShownRun): Section[] {
  const causes = causesOf(run);
  const failed = run.recording.runs.flatMap((one, index) =>
    one.items
      .filter(({ outcome }) => outcome === 'failed')
      .map((item) =>
        failurePanel(item, anchorOf(index, item.id), causes.get(item.id) ?? [], skippedAfter(item.id, one)),
      ),
  );
  const told = new Set(run.recording.runs.flatMap(({ items }) => items.map(({ failure }) => failure?.message)));
  const errors = run.recording.messages
    .filter(({ level, text }) => level === 'error' && !told.has(text))
    .map(({ text }) => html`<div class="panel alarm"><pre>${text}</pre></div> `);
  const interrupted = run.recording.runs.flatMap(({ items }) => items.filter(isUnfinished));
  const unfinished =
    interrupted.length > 0 && html`<p class="warn">${count(interrupted.length, 'item')} did not come to an end.</p>`;
  if (errors.length + failed.length === 0 && unfinished === false) return [];
  const rest = failed.length > FIRST && fold(`${failed.length - FIRST} more`, failed.slice(FIRST));
  return [{ id: 'failures', title: 'What went wrong', body: [errors, failed.slice(0, FIRST), rest, unfinished] }];
}

function isUnfinished({ startedAt, outcome }: RecordedItem): boolean {
  return startedAt !== undefined && outcome === undefined;
}

/** By id of the stack: the resources that failed, the root cause first. */
function causesOf(run: ShownRun): Map<string, readonly FailureCause[]> {
  const stacks = run.command === 'deploy' ? (run.result?.stacks ?? []) : [];
  return new Map(stacks.map(({ id, failure }) => [id, failure?.causes ?? []]));
}

function failurePanel(
  item: RecordedItem,
  anchor: string,
  causes: readonly FailureCause[],
  skipped: readonly string[],
): Html {
  const { label, where, detail, failure, lines = [] } = item;
  const [root, ...others] = causes;
  const rest = others.map((cause) => html`<li>${causeLine(cause)}</li>`);
  // The lines say the same as the causes, if there are any.
  const more = root === undefined && lines.length > 0 && html`<pre>${lines.join('\n')}</pre>`;
  const also =
    rest.length > 0 &&
    html`<details>
      <summary>${count(rest.length, 'resource')} failed after it</summary>
      <ul>
        ${rest}
      </ul>
    </details>`;
  const because = skipped.length > 0 && html`<p>${skipped.length} skipped because of it: ${namesOf(skipped)}</p>`;
  const codeOf = failure !== undefined && html` <code class="dim">${failure.code}</code>`;
  return html`<div class="panel alarm">
    <h3><a href="#${anchor}">${name(label)}</a> <small>${where}</small>${codeOf}</h3>
    ${root !== undefined && rootCause(root)}
    <p>${failure?.message ?? detail}</p>
    ${more}${also}${because}
  </div> `;
}

function rootCause({ constructPath, logicalId, resourceType, source, status, reason }: FailureCause): Html {
  const place = source !== undefined && html` at ${code(source)}`;
  return html`<p><strong>Root cause: ${name(constructPath ?? logicalId)}</strong> (${resourceType})${place}</p>
    <p><span class="bad">${status}</span>: ${reason}</p>`;
}

function causeLine({ constructPath, logicalId, resourceType, source, status, reason }: FailureCause): Html {
  const place = source !== undefined && html`, ${code(source)}`;
  return html`${name(constructPath ?? logicalId)} (${resourceType}${place}): ${status}, ${reason}`;
}

/** What was skipped since it waited for an item, itself or by others in between. */
export function skippedAfter(id: string, { order, items }: RecordedRun): string[] {
  const skipped = new Set(items.flatMap((item) => (item.outcome === 'skipped' ? [item.id] : [])));
  const barriers = new Set(order.flatMap((one) => (one.barrier ? [one.id] : [])));
  const edges = order.flatMap(({ id: later, after }) => after.map((earlier) => [earlier, later] as const));
  const dependents = Map.groupBy(edges, ([earlier]) => earlier);
  const found = new Set([id]);
  // Grows while it is walked.
  for (const one of found) {
    for (const [, later] of dependents.get(one) ?? []) if (skipped.has(later) || barriers.has(later)) found.add(later);
  }
  return [...found].filter((one) => skipped.has(one));
}

function namesOf(ids: readonly string[]): Html {
  const more = ids.length > NAMED && ` and ${ids.length - NAMED} more`;
  return html`${joined(ids.slice(0, NAMED).map(name), ', ')}${more}`;
}
