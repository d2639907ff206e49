import type { RecordedMessage, RecordedRun, Recording } from '../progress/index.ts';
import { failuresSection } from './failures.ts';
import { duration, name } from './format.ts';
import { html, type Html } from './html.ts';
import type { DevRun } from './model.ts';
import { outcomeBadge } from './outcome.ts';
import { type Content, type Fact, requestsSection, runPage, type Section } from './sections.ts';
import { timelineSection } from './timeline.ts';
import { table } from './table.ts';

/** Messages that are shown. */
const LAST = 200;

/** The page of a session of `nx dev`: what was deployed last, and what happened before, the newest first. */
export function devPage(run: DevRun): Content {
  const { recording, success } = run;
  const last = recording.runs.at(-1);
  const narrowed = last && { ...run, recording: onlyRun(recording, last) };
  const facts: Fact[] = last === undefined ? [] : [['Last', name(`${last.action}: ${last.summary ?? last.subject}`)]];
  return runPage(run, success ? 'done' : 'failed', facts, [
    ...(narrowed === undefined ? [] : failuresSection(narrowed)),
    ...messagesOf(recording.messages),
    ...(narrowed === undefined ? [] : timelineSection(narrowed.recording, undefined, nounOf(last))),
    ...runsSection(recording.runs),
    ...requestsSection(run),
  ]);
}

function nounOf(run: RecordedRun | undefined): string {
  return run?.action === 'publish' ? 'asset' : 'stack';
}

/** As if the command had been that run alone: a session takes hours, and a deployment seconds. */
function onlyRun({ startedAt, retried, milliseconds, calls }: Recording, run: RecordedRun): Recording {
  const since = run.startedAt;
  const earlier = (at: number) => Math.max(0, at - since);
  const items = run.items.map((item) => ({
    ...item,
    startedAt: item.startedAt && earlier(item.startedAt),
    steps: item.steps.map(({ at, text }) => ({ at: earlier(at), text })),
    parts: item.parts?.map((part) => ({ ...part, startedAt: earlier(part.startedAt) })),
  }));
  return {
    startedAt,
    milliseconds: run.milliseconds ?? milliseconds - since,
    runs: [{ ...run, startedAt: 0, items }],
    calls,
    retried: retried.filter(({ at }) => at >= since).map((one) => ({ ...one, at: earlier(one.at) })),
    messages: [],
  };
}

function messagesOf(messages: readonly RecordedMessage[]): Section[] {
  const rows = messages
    .slice(-LAST)
    .toReversed()
    .map(({ at, level, text, id }) => {
      const of = id !== undefined && html`${name(id)}: `;
      const tone = { error: 'bad', warning: 'warn', info: '' }[level];
      const sign = level !== 'info' && html`<strong>${level}: </strong>`;
      const said = text.includes('\n') ? html`<pre>${text}</pre>` : text;
      return html`<li><span class="dim">${duration(at)}</span> <span class="${tone}">${sign}${of}${said}</span></li> `;
    });
  const body = html`<ul class="plain">
    ${rows}
  </ul>`;
  return rows.length === 0 ? [] : [{ id: 'messages', title: 'What happened, the newest first', body }];
}

function runsSection(runs: readonly RecordedRun[]): Section[] {
  if (runs.length === 0) return [];
  const rows = runs.toReversed().map((run): Html => {
    const { startedAt, milliseconds, success, action, subject, summary } = run;
    const outcome = success === undefined ? 'running' : success ? 'done' : 'failed';
    return html`<tr>
      <td class="number">${duration(startedAt)}</td>
      <th scope="row">${action}</th>
      <td>${summary ?? subject}</td>
      <td class="number">${milliseconds !== undefined && duration(milliseconds)}</td>
      <td>${outcomeBadge(outcome)}</td>
    </tr> `;
  });
  const body = table([{ number: 'After' }, 'Run', 'Result', { number: 'Took' }, 'End'], rows);
  return [{ id: 'runs', title: 'Runs of this session', body }];
}
