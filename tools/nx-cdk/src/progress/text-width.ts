import { stripVTControlCharacters } from 'node:util';
import { redact } from './redact.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// The blocks that terminals draw two columns wide (Unicode's East Asian Width W and F), roughly.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const ZERO = /^[\p{Mark}\p{Cf}]+$/u;
const PLAIN = /^[\x20-\x7e]*$/;
const STYLE = /(\u001b\[[0-9;]*m)/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Columns that a terminal needs for a text; colour codes need none. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += graphemeWidth(segment);
  return width;
}

/** Cuts a text to that many columns; what was cut ends with `…` and switches its colours off. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let width = 0;
  let result = '';
  let styled = false;
  for (const part of text.split(STYLE)) {
    if (STYLE.test(part)) {
      styled = true;
      result += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      width += graphemeWidth(segment);
      if (width > columns - 1) return `${result}…${styled ? '\u001b[0m' : ''}`;
      result += segment;
    }
  }
  return result;
}

/** Fills a text with spaces up to that many columns; never cuts. */
export function padToWidth(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/**
 * Makes text from outside (error messages, status reasons) safe for one line of output: secrets masked, escape codes
 * gone, line ends and runs of white space made one space.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(redact(String(text)))
    .replace(CONTROL, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same for text that may have several lines, such as a table: line ends and inner spaces stay. */
export function manyLines(text: string): string[] {
  // Masked before it is split: a secret may itself have line ends, like a private key.
  return stripVTControlCharacters(redact(String(text)))
    .split(/\r?\n/)
    .map((line) => line.replace(/\t/g, '  ').replace(CONTROL, ' ').trimEnd());
}

function graphemeWidth(segment: string): number {
  if (PLAIN.test(segment)) return segment.length;
  if (ZERO.test(segment)) return 0;
  return WIDE.test(segment) || segment.includes('\ufe0f') ? 2 : 1;
}
