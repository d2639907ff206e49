import type { RecordedItem, Recording } from '../progress/index.ts';
import { type Analysis, numbersAtOnce, type Wait } from './analysis.ts';
import { html, type Html, type Part } from './html.ts';
import type { Scale } from './scale.ts';

/** What a stretch of time is drawn as; classes of `chart.css`. */
type Look = 'work' | 'before' | 'failed' | 'unchanged' | 'waiting' | 'barrier' | 'place' | 'retried' | 'critical';

const WAITS: Readonly<Record<Wait['kind'], Look>> = { others: 'waiting', barrier: 'barrier', place: 'place' };

/** A stretch of time. */
export function bar(scale: Scale, look: Look, from: number, to: number): Html {
  const [x, width] = scale.stretch(from, to);
  return html`<rect class="${look}" x="${x}%" width="${width}%" />`;
}

/** One line of a chart. What it shows is said in words beside it. */
export function chart(parts: Part, look = ''): Html {
  return html`<svg class="chart${look}" aria-hidden="true">${parts}</svg>`;
}

/** When an item waited, prepared and changed something. */
export function itemChart(item: RecordedItem, scale: Scale, { timings, criticalPath }: Analysis): Html {
  const timing = timings.get(item.id);
  if (timing === undefined) return chart('');
  const { from, to, waits } = timing;
  const isCritical = criticalPath.length > 1 && criticalPath.some(({ id }) => id === item.id);
  const look = { failed: 'failed', unchanged: 'unchanged' }[item.outcome as string] as Look | undefined;
  // What the first resource is worked on after is preparation: comparing, a change set, waiting for gates.
  const changing = Math.min(Math.max(item.parts?.[0]?.startedAt ?? from, from), to);
  return chart([
    waits.map((wait) => bar(scale, WAITS[wait.kind], wait.from, wait.to)),
    changing > from && bar(scale, 'before', from, changing),
    bar(scale, look ?? 'work', changing, to),
    isCritical && bar(scale, 'critical', from, to),
  ]);
}

/** The ruler of a chart. */
export function ruler(scale: Scale): Html {
  const lines = scale.lines();
  // The last text would leave the chart.
  const texts = lines
    .filter(({ at }) => at <= 94)
    .map(({ at, text }) => html`<text x="${at}%" y="12" dx="3">${text}</text>`);
  return chart(texts);
}

/** What stands behind all lines of a chart: those of the ruler, and barriers. */
export function background(scale: Scale, barriers: Iterable<number>): Html {
  const lines = scale.lines().map(({ at }) => html`<line x1="${at}%" x2="${at}%" y1="0" y2="100%" />`);
  const opened = [...new Set(barriers)].map((moment) => {
    const at = scale.at(moment);
    return html`<line class="barrier" x1="${at}%" x2="${at}%" y1="0" y2="100%" />`;
  });
  return html`<div class="behind"><svg aria-hidden="true">${lines}${opened}</svg></div>`;
}

/** How many items were worked on at the same time. */
export function atOnceChart(items: readonly RecordedItem[], scale: Scale, most: number): Html {
  const height = 36;
  const points = numbersAtOnce(items).flatMap(([at, number]) => {
    const y = height - (number / Math.max(1, most)) * (height - 4);
    return [`H${scale.at(at)}`, `V${Math.round(y * 10) / 10}`];
  });
  const path = `M0 ${height}${points.join('')}V${height}Z`;
  return html`<svg class="chart many" viewBox="0 0 100 ${height}" preserveAspectRatio="none" aria-hidden="true">
    <path d="${path}" />
  </svg>`;
}

/** When requests took more than one attempt. */
export function retryChart(retried: Recording['retried'], scale: Scale): Html {
  return chart(retried.map(({ at, milliseconds }) => bar(scale, 'retried', at - milliseconds, at)));
}
