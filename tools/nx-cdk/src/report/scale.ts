import { formatDuration } from '../progress/index.ts';

/** Seconds between two lines of a ruler. */
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/** Lines that a ruler has at most. */
const MOST_LINES = 8;

/** Where moments of a run are in a chart, in percent of its width. */
export class Scale {
  /** Milliseconds that the chart shows. */
  readonly whole: number;

  constructor(whole: number) {
    this.whole = Math.max(1, whole);
  }

  at(milliseconds: number): number {
    return percent(Math.min(Math.max(milliseconds, 0), this.whole) / this.whole);
  }

  /** Position and width of a stretch of time. */
  stretch(from: number, to: number): readonly [x: number, width: number] {
    const x = this.at(from);
    return [x, percent((this.at(to) - x) / 100)];
  }

  /** The lines of a ruler: round times, from 0 on. */
  lines(): { readonly at: number; readonly text: string }[] {
    const step = (STEPS.find((seconds) => this.whole / (seconds * 1000) <= MOST_LINES) ?? STEPS.at(-1)!) * 1000;
    const number = Math.min(100, Math.floor(this.whole / step));
    return Array.from({ length: number + 1 }, (_, index) => ({
      at: this.at(index * step),
      text: lineText(index * step),
    }));
  }
}

/** `0.5 s`, `10 s`, `2 min` */
function lineText(milliseconds: number): string {
  if (milliseconds < 1000) return `${+(milliseconds / 1000).toFixed(2)} s`;
  return formatDuration(milliseconds)
    .replace('.0 s', ' s')
    .replace(/(min|h) 0 (s|min)$/, '$1');
}

/** With two digits: a chart has not that many pixels. */
function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}
