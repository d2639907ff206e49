import { count, oneLine, type RecordedItem } from '../progress/index.ts';
import { digest, duration, moment, name } from './format.ts';
import { html, type Html, type Part } from './html.ts';
import type { ShownRun } from './model.ts';
import { isRunning } from './outcome.ts';
import { type Content, contentWith, type Fact, type Section } from './shell.ts';
import { table } from './table.ts';

export type { Content, Fact, Section } from './shell.ts';

const VERBS = { deploy: 'Deploy', plan: 'Plan', publish: 'Publish', dev: 'Develop', diff: 'Compare' } as const;

/** `Deploy shop to staging`, as the title of a window. */
export function titleOf({ command, project, environment, instance }: ShownRun): string {
  const where = [environment, instance].filter((part) => part !== undefined).join(', ');
  return `${VERBS[command]} ${project}${where === '' ? '' : ` ${command === 'dev' ? 'in' : 'to'} ${where}`}`;
}

/**
 * The page of a run: its head, then its sections in their order.
 *
 * @param ended in one word, if it has
 */
export function runPage(run: ShownRun, ended: string, facts: readonly Fact[], sections: readonly Section[]): Content {
  const { recording, goesOn = false } = run;
  const title = titleOf(run);
  const outcome = goesOn ? 'running' : ended;
  const where: Fact[] =
    run.endpoint === undefined ? [] : [['Not AWS', html`<span class="warn">${run.endpoint}</span>`]];
  const took: Fact[] = [
    ...where,
    ['Began', moment(recording.startedAt)],
    [goesOn ? 'So far' : 'Took', duration(recording.milliseconds)],
  ];
  return contentWith({ title, outcome, facts: [...took, ...facts], sections });
}

/** Targets that are named in a head; of more, how many there are. */
const FEW_TARGETS = 4;

/** Where the stacks or assets of a run belong. */
export function targetFacts(things: readonly { readonly account: string; readonly region: string }[]): Fact[] {
  const targets = [...new Set(things.map(({ account, region }) => `${account}/${region}`))];
  if (targets.length === 0) return [];
  const [first] = targets;
  return [['To', targets.length > FEW_TARGETS ? `${targets.length} targets, such as ${first}` : targets.join(', ')]];
}

/** The release and how the runs of a command ended, for its head. */
export function runFacts({ recording, goesOn }: ShownRun, release: string | undefined): Fact[] {
  const summaries = recording.runs.map(({ action, subject, summary, items }) => {
    const text = summary ?? `${subject}: ${goesOn ? doneOf(items) : 'not finished'}`;
    return html`<div>${recording.runs.length > 1 && `${action}: `}${text}</div>`;
  });
  return [...(release === undefined ? [] : [['Release', digest(release)] as const]), ['Result', summaries]];
}

function doneOf(items: readonly RecordedItem[]): string {
  const running = items.filter(isRunning).length;
  const waiting = items.filter(({ outcome }) => outcome === 'waiting').length;
  const rest = waiting > 0 ? `, ${waiting} waiting` : '';
  return `${items.length - running - waiting} done, ${running} under way${rest}`;
}

/** Buttons and a search that choose the rows of a list. @param list id of the element that holds them */
export function filtersOf(
  list: string,
  kinds: readonly (readonly [kind: string, label: string, number: number])[],
  what: string,
  { opens = false, all = kinds.reduce((sum, [, , number]) => sum + number, 0) } = {},
): Html {
  const radios = [['', 'all', all] as const, ...kinds].map(
    ([kind, label, number], index) =>
      html`<label
        ><input type="radio" name="${list}-kind" value="${kind}" ${index === 0 && CHECKED} /> ${label}
        <span class="dim">${number}</span></label
      >`,
  );
  const buttons = html`<span
    ><button type="button" data-open>Open all</button> <button type="button" data-close>Close all</button></span
  >`;
  return html`<div class="filters" role="search" aria-label="${what}" data-filters="${list}">
    <fieldset>
      <legend class="unseen">Show</legend>
      ${radios}
    </fieldset>
    <label
      ><span class="unseen">Search in ${what}</span>
      <input type="search" placeholder="Search in ${what}" autocomplete="off"
    /></label>
    ${opens && buttons}
    <output class="dim" aria-live="polite"></output>
  </div> `;
}

const CHECKED = html` checked`;

/** Rows that nobody has to see at first. */
export function fold(summary: Part, rows: Part): Html {
  return html`<details class="fold">
    <summary>${summary}</summary>
    ${rows}
  </details> `;
}

/**
 * What was said besides; nothing if that is nothing.
 *
 * @param isLong false to leave out tables, where the page has them itself
 */
export function messagesSection({ recording: { messages } }: ShownRun, { isLong = true } = {}): Section[] {
  // An error is told at the top.
  const told = messages.filter(({ level, text }) => level !== 'error' && (isLong || !text.includes('\n')));
  if (told.length === 0) return [];
  const items = told.map(({ at, level, text, id }) => {
    const of = id !== undefined && html`${name(id)}: `;
    const warning = level === 'warning' && html`<strong class="warn">warning: </strong>`;
    const body = text.includes('\n') ? html`<pre>${text}</pre>` : text;
    return html`<li><span class="dim">${duration(at)}</span> ${warning}${of}${body}</li> `;
  });
  return [
    {
      id: 'messages',
      title: 'Messages',
      body: html`<ul class="plain">
        ${items}
      </ul>`,
    },
  ];
}

/** How many requests of which kind, and how long they took. */
export function requestsSection({ recording: { calls, retried } }: ShownRun): Section[] {
  if (calls.length === 0) return [];
  const byService = Map.groupBy(calls, ({ service }) => service);
  const sum = (of: typeof calls, key: 'count' | 'milliseconds' | 'retries' | 'errors') =>
    of.reduce((total, one) => total + one[key], 0);
  const numbers = (of: typeof calls) => {
    const [retries, errors] = [sum(of, 'retries'), sum(of, 'errors')];
    return html`<td class="number" data-of="requests">${sum(of, 'count')}</td>
      <td class="number" data-of="time">${duration(sum(of, 'milliseconds'))}</td>
      <td class="number" data-of="retries">${retries > 0 && html`<span class="warn">${retries}</span>`}</td>
      <td class="number" data-of="errors">${errors > 0 && html`<span class="bad">${errors}</span>`}</td>`;
  };
  const columns = ['Requests', 'Time', 'Retries', 'Errors'].map((number) => ({ number }));
  const services = [...byService].toSorted(([, a], [, b]) => sum(b, 'milliseconds') - sum(a, 'milliseconds'));
  const summary = services.map(
    ([service, of]) =>
      html`<tr>
        <th scope="row">${service}</th>
        ${numbers(of)}
      </tr>`,
  );
  const each = [...calls]
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map((one) => {
      const { service, action, role, target } = one;
      return html`<tr>
        <th scope="row">${service}:${action}<br /><small class="dim">${oneLine(role)}, ${target}</small></th>
        ${numbers([one])}
      </tr> `;
    });
  const note = `${count(sum(calls, 'count'), 'request')}. Those made at the same time count each, so that their time can be more than the run took. An error may be an answer that was expected, such as that something is not there.`;
  const tries = retried.length > 0 && html`<p>${count(retried.length, 'request')} took more than one attempt.</p>`;
  const body = html`<p class="dim">${note}</p>
    ${tries} ${table(['Service', ...columns], summary, { wide: true })}
    <details>
      <summary>By kind of request, role and target</summary>
      ${table(['Request', ...columns], each, { wide: true })}
    </details>`;
  return [{ id: 'requests', title: 'Requests', body }];
}
