import type { FailureCause } from '../cloudformation/index.ts';
import { happenedIn, type ReportedFailure } from '../failure/index.ts';
import { count, type RecordedItem, type RecordedRun } from '../progress/index.ts';
import { anchorOf, code, name } from './format.ts';
import { html, type Html, joined, type Part } from './html.ts';
import type { ShownRun } from './model.ts';
import { fold, type Section } from './sections.ts';

/** Failures that are not folded. */
const FIRST = 10;

/** Things that a sentence about others names. */
const NAMED = 12;

/** What went wrong, each with what was skipped because of it; nothing if nothing did. */
export function failuresSection(run: ShownRun): Section[] {
  const causes = causesOf(run);
  const ended = ({ startedAt = 0, milliseconds = 0 }: RecordedItem) => startedAt + milliseconds;
  const failed = run.recording.runs.flatMap((one, index) =>
    one.items
      .filter(({ outcome }) => outcome === 'failed')
      // What failed first comes first.
      .toSorted((a, b) => ended(a) - ended(b))
      .map((item) =>
        failurePanel(item, anchorOf(index, item.id), causes.get(item.id) ?? [], skippedAfter(item.id, one)),
      ),
  );
  const told = new Set(run.recording.runs.flatMap(({ items }) => items.map(({ failure }) => failure?.message)));
  const errors = run.recording.messages
    .filter(({ level, text }) => level === 'error' && !told.has(text))
    .map(({ text, failure }) => errorPanel(text, failure));
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
  const reason = root?.reason ?? (failure === undefined ? detail : withoutSubject(happenedIn(failure), label));
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
    <h3><a href="#${anchor}">${name(label)}</a>${codeOf}</h3>
    ${factsOf({
      'What happened': [root !== undefined && html`<span class="bad">${root.status}</span>: `, reason],
      Where: [root !== undefined && placeOf(root), where !== undefined && html`<div class="dim">${where}</div> `],
      'Next step': failure?.next,
    })}
    ${more}${also}${because}${root !== undefined && failure !== undefined && inOneSentence(failure)}
  </div> `;
}

/** An error that ended the command, or belongs to nothing that was worked on. */
function errorPanel(text: string, failure: ReportedFailure | undefined): Html {
  // With `--verbose`, the text has more than the sentence.
  const more = failure !== undefined && text !== failure.message && inOneSentence({ message: text });
  const said =
    failure === undefined
      ? html`<pre>${text}</pre>`
      : html`<h3><code class="dim">${failure.code}</code></h3>
          ${factsOf({ 'What happened': happenedIn(failure), 'Next step': failure.next })}${more}`;
  return html`<div class="panel alarm">${said}</div> `;
}

/** Terms and what is known of them; those that nothing is known of are left out. */
function factsOf(facts: Readonly<Record<string, Part>>): Html {
  const isKnown = (part: Part): boolean =>
    Array.isArray(part) ? part.some(isKnown) : part !== undefined && part !== false && part !== '';
  const rows = Object.entries(facts)
    .filter(([, fact]) => isKnown(fact))
    .map(
      ([term, fact]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${fact}</dd>
        </div> `,
    );
  return html`<dl class="told">${rows}</dl>`;
}

/** The resource that failed first. */
function placeOf({ constructPath, logicalId, resourceType, source }: FailureCause): Html {
  const line = source !== undefined && html`<div>${code(source)}</div> `;
  return html`<div><strong>${name(constructPath ?? logicalId)}</strong> <span class="dim">${resourceType}</span></div>
    ${line}`;
}

/** What the terminal said, for those who look for it. */
function inOneSentence({ message }: Pick<ReportedFailure, 'message'>): Html {
  return html`<details>
    <summary>As the terminal says it</summary>
    <pre>${message}</pre>
  </details>`;
}

/** A sentence that begins with what it is about, below a heading that says it. */
function withoutSubject(sentence: string, subject: string): string {
  return sentence.startsWith(`${subject}: `) ? sentence.slice(subject.length + 2) : sentence;
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
