import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import { redact } from './redact.ts';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Cuts a text to that many columns; what was cut ends with `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${sliceAnsi(text, 0, columns - 1)}…`;
}

/** Fills a text with spaces up to that many columns; never cuts. */
export function padToWidth(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, columns - stringWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/**
 * Makes text from outside (error messages, status reasons, names) safe for one line of output: secrets masked, escape
 * codes gone, unseen characters shown, line ends and runs of white space made one space, commands to a CI taken apart.
 */
export function oneLine(text: string): string {
  return inert(safe(text).replace(CONTROL, ' ').replace(/\s+/g, ' ').trim());
}

/** The same for text that may have several lines, such as a table: line ends and inner spaces stay. */
export function manyLines(text: string): string[] {
  // Masked before it is split: a secret may itself have line ends, like a private key.
  return safe(text)
    .split(/\r?\n/)
    .map((line) => inert(line.replace(/\t/g, '  ').replace(CONTROL, ' ').trimEnd()));
}

/**
 * Takes apart what a CI would obey: it reads its commands in the output of a job, so that a name in a template could
 * hide a line, set a variable, or end the group that it stands in.
 *
 * - GitHub: `::name::` after any white space, and the older `##[name]` anywhere (ActionCommand.cs of actions/runner)
 * - Azure Pipelines: `##vso[name]` and `##[name]`; TeamCity: `##teamcity[name]`
 * - GitLab: `section_start:` and `section_end:`, https://docs.gitlab.com/ci/jobs/job_logs/
 */
function inert(line: string): string {
  return line
    .replace(/^(\s*):(?=:)/, '$1: ')
    .replace(/#(?=#(?:\w*)\[)/g, '# ')
    .replace(/(section_(?:start|end)):(?=\d)/g, '$1 :');
}

/**
 * What nobody sees: marks of direction, by which a text is read in another order than it has
 * (https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing), and characters without a width that belong to no
 * letter. Those that join letters and emoji stay.
 */
const UNSEEN = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufff9-\ufffb]|(?<!^)\ufeff/g;

function safe(text: string): string {
  return withUnseenShown(withoutEscapes(redact(String(text))));
}

/** Commands to a terminal (https://ecma-international.org/publications-and-standards/standards/ecma-48/). */
const ESCAPES = [
  // Such as titles and links, with an end before anything else begins
  /(?:\u001b\]|\u009d)[^\u0000-\u001f\u007f-\u009f]*(?:\u0007|\u001b\\|\u009c)/g,
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g,
  /\u001b[ -/]*[0-~]/g,
];

/**
 * A text without commands to a terminal. `stripVTControlCharacters` of Node takes all for one command that is between
 * two names of which one begins it and the other ends it: lines in between would vanish. It also takes minutes for a
 * megabyte of commands without an end.
 */
export function withoutEscapes(text: string): string {
  return ESCAPES.reduce((left, escape) => left.replace(escape, ''), text);
}

/** Control characters but tabs and line ends. */
const IN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * A text that another tool has made of many names, and coloured, without its colours. What else a terminal would obey
 * is from the names: it takes nothing away, and is shown.
 */
export function withoutColours(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, '').replace(IN_LINES, '\u{fffd}');
}

/** A text in which what nobody sees stands as its number: `<U+202E>`. */
export function withUnseenShown(text: string): string {
  return text.replace(UNSEEN, asItsNumber);
}

function asItsNumber(character: string): string {
  return `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
