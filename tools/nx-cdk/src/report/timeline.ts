import type { RecordedItem, RecordedRun, Recording } from '../progress/index.ts';
import { adviceOn } from './advice.ts';
import { analyse, type Analysis, type Wait } from './analysis.ts';
import { atOnceChart, background, bar, chart, itemChart, legend, patterns, retryChart, ruler } from './chart.ts';
import { anchorOf, duration, name, unseen } from './format.ts';
import { html, type Html, joined, type Part } from './html.ts';
import { goOn, isRunning, kindOf, outcomeBadge } from './outcome.ts';
import { Scale } from './scale.ts';
import { filtersOf, fold, type Section } from './sections.ts';
import { CHECK, type Look, stretchesOf } from './stretches.ts';
import { waitsIn } from './until-now.ts';

/** What a timeline knows of an item besides what was recorded. */
export interface About {
  /** Where it would have been worked on, if it was skipped. */
  readonly where?: string;
  /** What stands in the row when it is opened, above the rest. */
  readonly more?: Part;
}

/** What a filter calls items that are not unchanged, by what was done. @default 'changed' */
const CHANGED: Readonly<Record<string, string>> = { plan: 'changing', publish: 'uploaded' };

/** When everything was worked on, grouped by environment and target. */
export function timelineSection(
  recording: Recording,
  aboutOf: (item: RecordedItem) => About = () => ({}),
  noun = 'stack',
): Section[] {
  const runs = [...recording.runs.entries()].filter(([, { items }]) => items.length > 0);
  if (runs.length === 0) return [];
  const scale = new Scale(recording.milliseconds);
  const items = runs.flatMap(([, run]) => run.items);
  const looks = new Set<Look>();
  const shared = { recording, scale, aboutOf, isOne: runs.length === 1, looks };
  const numberOf = (kind: string) => items.filter(({ outcome }) => kindOf(outcome) === kind).length;
  const kinds = [
    ['failed', 'failed or skipped', numberOf('failed')],
    ['changed', CHANGED[runs[0]![1].action] ?? 'changed', numberOf('changed')],
    ['unchanged', 'unchanged', numberOf('unchanged')],
    ...(goOn(items) ? [['running', 'under way', numberOf('running')] as const] : []),
    ...(numberOf('waiting') > 0 ? [['waiting', 'waiting', numberOf('waiting')] as const] : []),
  ] as const;
  const body = [
    filtersOf('list-timeline', kinds, noun === 'stack' ? 'stacks and resources' : `${noun}s`, { opens: true }),
    patterns(),
    html`<div id="list-timeline">
      ${runs.map(([index, run]) => waterfall({ ...shared, run, index, isOver: !goOn(run.items), waitsFor: waitsIn(run) }))}
    </div>`,
  ];
  // What is in it is known now.
  return [{ id: 'timeline', title: 'Timeline', body: [body, legend(looks)] }];
}

interface Context {
  readonly run: RecordedRun;
  /** Which of the runs of the command it is. */
  readonly index: number;
  readonly recording: Recording;
  readonly scale: Scale;
  readonly aboutOf: (item: RecordedItem) => About;
  /** Whether it is the only run of the command. */
  readonly isOne: boolean;
  /** Whether all has ended: only then it is known what the critical path was. */
  readonly isOver: boolean;
  /** What an item that has not begun waits for. */
  readonly waitsFor: (id: string) => readonly string[];
  /** Gets what is drawn. */
  readonly looks: Set<Look>;
}

function waterfall(context: Context): Html {
  const { run, recording, scale, isOne } = context;
  const analysis = analyse(run);
  const { from, to, atOnce } = analysis;
  const retried = recording.retried.filter(({ at }) => at >= run.startedAt && at <= to);
  if (retried.length > 0) context.looks.add('retried');
  const still = (what: Part, line: Html, time: Part) =>
    html`<div class="row still">
      <span class="what dim">${what}</span> ${line}<span class="time dim">${time}</span><span></span>
    </div> `;
  return html`${!isOne && html`<h3>${run.action} <small>${run.subject}</small></h3>`} ${decidedBy(context, analysis)}
    <div class="waterfall">
      ${background(scale, barriersOf(analysis))}
      <div class="row still ruler"><span class="what"></span>${ruler(scale)}<span></span><span></span></div>
      ${atOnce > 1 && still(`at once: ${atOnce} at most`, atOnceChart(run.items, scale, atOnce), duration(to - from))}
      ${retried.length > 0 && still('more than one attempt', retryChart(retried, scale), retried.length)}
      ${groupsOf(context).map((group) => groupOf(group, analysis, context))}
    </div>`;
}

/** What decided how long a run took: sentences, and the critical path. */
function decidedBy({ run, index, recording, isOver }: Context, analysis: Analysis): Part {
  const advice = adviceOn(run, recording, analysis);
  if (advice.length === 0 || !isOver) return undefined;
  const { criticalPath, timings } = analysis;
  const steps = criticalPath.map(({ id, after }) => {
    const { from, to } = timings.get(id)!;
    const why = after !== undefined && after !== 'others' && html` <span class="dim">${AFTER[after]}</span>`;
    return html`<li><a href="#${anchorOf(index, id)}">${name(id)}</a> ${duration(to - from)}${why}</li> `;
  });
  const path = html`<details>
    <summary>The critical path, in its order: ${steps.length}</summary>
    <ol>
      ${steps}
    </ol>
  </details>`;
  return html`<div class="panel">
    <h3>What decided how long it took</h3>
    <ul>
      ${advice.map((text) => html`<li>${text}</li>`)}
    </ul>
    ${steps.length > 1 && path}
  </div>`;
}

const AFTER = { barrier: 'after the environment before', place: 'when a place was free' } as const;

/** When barriers opened that anybody waited at. */
function barriersOf({ timings, barriers }: Analysis): number[] {
  const waits = [...timings.values()].flatMap(({ waits: those }) => those);
  return waits.flatMap(({ kind, for: id = '' }) => (kind === 'barrier' ? (barriers.get(id) ?? []) : []));
}

/** Items of one environment in one target. */
interface Group {
  readonly environment: string;
  readonly where: string;
  readonly items: readonly RecordedItem[];
}

/** In the order in which the environments are promoted, then of their beginning. */
function groupsOf({ run, aboutOf }: Context): Group[] {
  const order = run.order.flatMap(({ id, barrier }) => (barrier ? [id.replace(/^promotion:/, '')] : []));
  const rank = ({ environment }: Group) => (order.includes(environment) ? order.indexOf(environment) : order.length);
  const groups = Map.groupBy(run.items, (item) =>
    JSON.stringify([environmentOf(item.id), item.where ?? aboutOf(item).where ?? '']),
  );
  return [...groups]
    .map(([key, items]) => {
      const [environment, where] = JSON.parse(key) as [string, string];
      return { environment, where, items };
    })
    .sort((a, b) => rank(a) - rank(b));
}

/** The stage that a stack is in; that of a check. */
function environmentOf(id: string): string {
  if (id.startsWith(CHECK)) return id.slice(CHECK.length);
  return id.includes('/') ? id.slice(0, id.indexOf('/')) : '';
}

/** Items of a group that are shown, though nothing happened to them. */
const FEW = 5;

function groupOf({ environment, where, items }: Group, analysis: Analysis, context: Context): Html {
  const began = ({ startedAt = Infinity }: RecordedItem) => startedAt;
  const sorted = items.toSorted((a, b) => began(a) - began(b) || 0);
  const rows = (of: readonly RecordedItem[]) => of.map((item) => itemRow(item, analysis, context));
  const those = (outcome: string) => sorted.filter((item) => item.outcome === outcome);
  const folded = ['skipped', 'unchanged'].filter((outcome) => those(outcome).length > FEW);
  const isFolded = ({ outcome }: RecordedItem) => outcome !== undefined && folded.includes(outcome);
  // Ids of assets begin with their target.
  const heading = [where.startsWith(`${environment}/`) ? '' : environment, where].filter((part) => part !== '');
  const title = heading.length === 0 ? context.run.subject : heading[0];
  const isChecks = where === '' && items.every(({ id }) => id.startsWith(CHECK));
  return html`<div data-group>
    <h3>${name(title)} <small>${isChecks ? 'checks' : heading[1]}</small> <small>${items.length}</small></h3>
    <div class="rows">${rows(sorted.filter((item) => !isFolded(item)))}</div>
    ${folded.map((outcome) => fold(`${those(outcome).length} ${outcome}`, rows(those(outcome))))}
  </div> `;
}

function itemRow(item: RecordedItem, analysis: Analysis, context: Context): Html {
  const { id, label, outcome, startedAt, milliseconds } = item;
  const { criticalPath } = analysis;
  const { isOver } = context;
  const isCritical = criticalPath.some((step) => step.id === id);
  const took = milliseconds ?? (startedAt === undefined ? 0 : context.recording.milliseconds - startedAt);
  const isKnown = isCritical && criticalPath.length > 1 && isOver;
  const path = isKnown && html` <span class="on-path">critical path</span>`;
  const inside = insideOf(item, analysis, context);
  const stretches = stretchesOf(item, context.run, analysis).filter(({ look }) => isOver || look !== 'critical');
  for (const { look } of stretches) context.looks.add(look);
  const line = outcome === 'waiting' ? waitingLine(context.waitsFor(id)) : itemChart(stretches, context.scale);
  const row = html`<span class="what">${name(label)}${path}</span> ${line}<span class="time"
      >${startedAt !== undefined && duration(took)}</span
    >
    <span class="end">${outcomeBadge(outcome ?? 'not finished')}</span>`;
  const kind = kindOf(outcome);
  return html`<details class="item" id="${anchorOf(context.index, id)}" data-kind="${kind}">
    <summary class="row">${row}</summary>
    <div class="inside">${inside}</div>
  </details> `;
}

/** Others that are named where an item waits for them. */
const NAMED = 3;

/** In place of a bar, of what has not begun: what it waits for. */
function waitingLine(behind: readonly string[]): Html {
  const names = behind.slice(0, NAMED).map((one) => {
    const environment = /^promotion:(.*)/s.exec(one)?.[1];
    return environment === undefined ? name(one) : html`the environment ${name(environment)}`;
  });
  const more = behind.length > NAMED && ` and ${behind.length - NAMED} more`;
  return html`<span class="chart dim">for ${names.length === 0 ? 'a free place' : joined(names, ', ')}${more}</span>`;
}

const WAITED: Readonly<Record<Wait['kind'], string>> = {
  others: 'for',
  barrier: 'for the environment before it, at',
  place: 'for a free place',
};

/** What is seen of an item when its row is opened. */
function insideOf(item: RecordedItem, { timings }: Analysis, context: Context): Part {
  const { detail, lines = [], failure, steps, parts = [] } = item;
  const timing = timings.get(item.id);
  const waits = (timing?.waits ?? []).map(
    ({ kind, from, to, for: behind }) =>
      html`<li>
        ${duration(from)}: waited ${duration(to - from)}
        ${WAITED[kind]}${behind !== undefined && html` ${name(behind)}`}
      </li>`,
  );
  const began = timing !== undefined && html`<li>${duration(timing.from)}: began</li>`;
  const done = steps.map(({ at, text }) => html`<li>${duration(at)}: ${text}</li>`);
  const ended = timing !== undefined && !isRunning(item) && html`<li>${duration(timing.to)}: ended</li>`;
  // What went wrong is told at the top.
  const said = failure === undefined && detail !== undefined && detail !== '' && html`<p>${detail}</p>`;
  const more = failure === undefined && lines.length > 0 && html`<pre>${lines.join('\n')}</pre>`;
  return [
    context.aboutOf(item).more,
    said,
    more,
    timing !== undefined &&
      html`<ul class="plain">
        ${waits}${began}${done}${ended}
      </ul>`,
    parts.length > 0 &&
      html`<ol class="plain">
        ${parts.map((part) => partRow(part, item, context))}
      </ol>`,
  ];
}

function partRow(
  {
    name: logicalId,
    kind,
    constructPath,
    startedAt,
    milliseconds,
    status,
    reason,
  }: NonNullable<RecordedItem['parts']>[number],
  { id }: RecordedItem,
  { scale, looks }: Context,
): Html {
  const isFailed = reason !== undefined || status.endsWith('_FAILED');
  const look = isFailed ? 'failed' : 'work';
  looks.add(look);
  const path = (constructPath ?? logicalId).replace(`${id}/`, '').replace(/\/Resource$/, '');
  const why = reason !== undefined && html`<small class="why bad">${reason}</small>`;
  return html`<li class="row">
    <span class="what">${name(path)}<small>${kind}</small></span>
    ${chart(bar(scale, look, startedAt, startedAt + milliseconds))}<span class="time"
      >${unseen(`from ${duration(startedAt)}, `)}${duration(milliseconds)}</span
    ><small class="end ${isFailed ? 'bad' : 'dim'}">${words(status)}</small>${why}
  </li> `;
}

/** `create complete` of `CREATE_COMPLETE`: shorter to read, and it breaks into lines. */
function words(status: string): string {
  return status.toLowerCase().replaceAll('_', ' ');
}
