import type { RecordedItem, Recording } from '../progress/index.ts';
import { numbersAtOnce } from './analysis.ts';
import { html, type Html, type Part } from './html.ts';
import type { Scale } from './scale.ts';
import { type Look, LOOKS, type Stretch } from './stretches.ts';

/** A stretch of time. */
export function bar(scale: Scale, look: Look, from: number, to: number): Html {
  const [x, width] = scale.stretch(from, to);
  return html`<rect class="${look}" x="${x}%" width="${width}%" />`;
}

/** One line of a chart. What it shows is said in words beside it. */
export function chart(parts: Part, look = ''): Html {
  return html`<svg class="chart${look}" aria-hidden="true">${parts}</svg>`;
}

/** What was done with an item, and when. */
export function itemChart(stretches: readonly Stretch[], scale: Scale): Html {
  return chart(stretches.map(({ look, from, to }) => bar(scale, look, from, to)));
}

/** Bars that are told apart by more than their colour have a pattern of their own; each look only once in a page. */
export function patterns(): Html {
  const each = PATTERNS.map(
    ([look, size, shape]) =>
      html`<pattern id="pattern-${look}" class="${look}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">
        ${shape}
      </pattern> `,
  );
  return html`<svg class="patterns" aria-hidden="true"><defs>${each}</defs></svg>`;
}

const PATTERNS: readonly (readonly [look: Look, size: number, shape: Html])[] = [
  ['failed', 6, html`<rect width="6" height="6" /><path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" />`],
  ['checking', 6, html`<rect width="6" height="6" /><path d="M3 0V6" />`],
  ['sending', 6, html`<rect width="6" height="6" /><path d="M0 4H6" />`],
  ['place', 5, html`<rect width="3" height="5" />`],
  ['barrier', 7, html`<rect width="5" height="7" />`],
];

/** What looks mean, of those that are there. */
export function legend(present: ReadonlySet<Look>): Html {
  const entries = Object.entries(LOOKS)
    .filter(([look]) => present.has(look as Look))
    .map(
      ([look, text]) =>
        html`<li>
          <svg class="chart swatch" aria-hidden="true"><rect class="${look}" /></svg>${text}
        </li>`,
    );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
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
