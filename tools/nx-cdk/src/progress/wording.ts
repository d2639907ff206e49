import { styleText } from 'node:util';
import { formatDuration } from './duration.ts';
import type { AwsCall, ItemFinished, ItemProgress, ItemStarted, Message, RunFinished, RunStarted } from './events.ts';
import { OUTCOMES } from './outcome.ts';
import { oneLine, manyLines, padToWidth } from './text-width.ts';

/** Colours a text, or leaves it as it is if the stream has no colours. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Node has the third parameter since 22.13; before, it never looked at a stream. */
const colour: (...given: [...Parameters<Paint>, options: { validateStream: boolean }]) => string = styleText;

export function createPaint(colors: boolean): Paint {
  // Whether the stream has colours is decided in one place (terminal.ts), not by Node's own reading of the environment.
  return (format, text) => (colors && text !== '' ? colour(format, text, { validateStream: false }) : text);
}

/** Who an item is, for people. */
export type Name = Pick<ItemStarted, 'label' | 'where'>;

/** `staging/Data (111111111111/eu-west-1)`, or the label alone if it says where by itself. */
function name({ label, where }: Name, paint: Paint): string {
  return (
    paint('bold', oneLine(label)) + (where && !label.startsWith(where) ? paint('dim', ` (${oneLine(where)})`) : '')
  );
}

/** The rest of a line: ` · creating change set`, or nothing. */
export function rest(text: string | undefined): string {
  return text ? ` · ${oneLine(text)}` : '';
}

export function startLine(event: RunStarted, paint: Paint): string {
  return `${paint('bold', oneLine(event.action))}: ${oneLine(event.subject)}`;
}

/** `✔ staging/Data (111111111111/eu-west-1) updated · 12.3 s · 2 resources changed` */
export function finishedLine(item: Name, { outcome, milliseconds, detail }: ItemFinished, paint: Paint): string {
  const [mark, format] = OUTCOMES[outcome] ?? ['?', 'dim'];
  const ended = `${paint(format, mark)} ${name(item, paint)} ${paint(format, outcome)}`;
  return `${ended} · ${formatDuration(milliseconds)}${rest(detail)}`;
}

/** What is said of an item whose end nobody saw, because the run was stopped. */
export function unfinishedLine(item: Name & { readonly step: string }, milliseconds: number, paint: Paint): string {
  const ended = `${paint('yellow', '?')} ${name(item, paint)} ${paint('yellow', 'not finished')}`;
  return `${ended} · ${formatDuration(milliseconds)}${rest(item.step)}`;
}

/** A step in the block of its item, after that many milliseconds. */
export function milestoneLine({ step }: ItemProgress, milliseconds: number, paint: Paint): string {
  const time = padToWidth(formatDuration(milliseconds), 8, 'right');
  return `    ${paint('dim', time)}  ${oneLine(step)}`;
}

/** The further lines of an item. */
export function detailLines({ lines = [] }: ItemFinished): string[] {
  return indent(lines.flatMap((line) => manyLines(line)));
}

/** Puts lines below that of their item. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

const LEVELS = { error: 'red', warning: 'yellow', debug: 'dim' } as const;

/** A message, prefixed by its level if that matters, and by the item it belongs to. */
export function messageLines({ level, text }: Message, label: string | undefined, paint: Paint): string[] {
  const prefix = level === 'info' ? '' : paint(LEVELS[level], `${level}: `);
  const of = label === undefined ? '' : `${oneLine(label)}: `;
  return manyLines(text).map((line, index) => (index === 0 ? prefix + of + line : line));
}

/** `aws deploy-role cloudformation:DescribeStacks 111111111111/eu-west-1 43 ms, 3 attempts, Throttling` */
export function awsCallLine(event: AwsCall, paint: Paint): string {
  const { role, service, action, target, milliseconds, attempts, error } = event;
  const call = `aws ${oneLine(role)} ${oneLine(service)}:${oneLine(action)} ${oneLine(target)}`;
  const cost = `${Math.round(milliseconds)} ms${attempts > 1 ? `, ${attempts} attempts` : ''}`;
  return paint('dim', `${call} ${cost}`) + (error ? `${paint('dim', ',')} ${paint('red', oneLine(error))}` : '');
}

/** `✔ deploy done in 12.3 s · 4 stacks: 1 updated, 3 unchanged` */
export function summaryLine({ success, summary, milliseconds }: RunFinished, action: string, paint: Paint): string {
  const mark = success ? paint('green', '✔') : paint('red', '✖');
  const verb = success ? 'done in' : 'failed after';
  return `${mark} ${paint('bold', oneLine(action))} ${verb} ${formatDuration(milliseconds)}${rest(summary)}`;
}
