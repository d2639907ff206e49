import { formatDuration } from '../progress/index.ts';
import { html, type Html, type Part } from './html.ts';

/** A duration: `12.3 s`; `43 ms` below a tenth of a second, since a page has many of these. */
export function duration(milliseconds: number): string {
  return milliseconds < 100 ? `${Math.max(0, Math.round(milliseconds))} ms` : formatDuration(milliseconds);
}

/** `1.2 MB`, in thousands. */
export function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, number)) / 3)));
  const value = number / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]!}`;
}

/** A moment, ISO 8601, for people: `2026-11-28 23:15:00 UTC`. The script says it in the reader's time zone as well. */
export function moment(iso: string): Html {
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  return html`<time datetime="${iso}">${text}</time>`;
}

/** The digits by which terminal, Markdown and page name a release or a plan. */
export function digest(hex: string): Html {
  return html`<code class="digest" title="${hex}">${hex.slice(0, 12)}</code>`;
}

/** A name from outside, such as that of a stack: in one direction of its own, whatever letters it has. */
export function name(text: Part): Html {
  return html`<bdi class="name">${text}</bdi>`;
}

/** Something to copy: an id, a path, a value. */
export function code(text: Part): Html {
  return html`<code><bdi>${text}</bdi></code>`;
}

/** What a link to an item leads to. @param run which of the runs of the command: several may have the same item */
export function anchorOf(run: number, id: string): string {
  return `item-${run}-${id}`;
}

/** What only screen readers say. */
export function unseen(text: Part): Html {
  return html`<span class="unseen">${text}</span>`;
}
