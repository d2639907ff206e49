import { styleText } from 'node:util';
import { formatDuration } from './duration.ts';
import type { AwsCall, ItemFinished, Message, Outcome, RunFinished, RunStarted } from './events.ts';
import { oneLine, manyLines } from './text-width.ts';

/** Colours a text, or leaves it as it is if the stream has no colours. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export function createPaint(colors: boolean): Paint {
  // Whether the stream has colours is decided in one place (terminal.ts), not by Node's own reading of the environment.
  return (format, text) => (colors && text !== '' ? styleText(format, text, { validateStream: false }) : text);
}

const LOOKS: Readonly<Record<Outcome, readonly [mark: string, format: Parameters<typeof styleText>[0]]>> = {
  created: ['✔', 'green'],
  updated: ['✔', 'green'],
  deleted: ['✔', 'green'],
  replaced: ['✔', 'yellow'],
  uploaded: ['✔', 'green'],
  passed: ['✔', 'green'],
  unchanged: ['=', 'dim'],
  planned: ['~', 'cyan'],
  behind: ['~', 'cyan'],
  ahead: ['~', 'cyan'],
  elsewhere: ['?', 'yellow'],
  never: ['-', 'dim'],
  failed: ['✖', 'red'],
  skipped: ['-', 'yellow'],
};

/** Who an item is, for people. */
export interface Name {
  readonly label: string;
  readonly where?: string;
}

/** `staging/Data (111111111111/eu-west-1)` */
export function name({ label, where }: Name, paint: Paint): string {
  return paint('bold', oneLine(label)) + (where ? paint('dim', ` (${oneLine(where)})`) : '');
}

export function startLine(event: RunStarted, paint: Paint): string {
  return `${paint('bold', oneLine(event.action))}: ${oneLine(event.subject)}`;
}

/** `✔ staging/Data (111111111111/eu-west-1) updated · 12.3 s · 2 resources changed` */
export function finishedLine(item: Name, event: ItemFinished, paint: Paint): string {
  const [mark, format] = LOOKS[event.outcome] ?? ['?', 'dim'];
  const detail = event.detail ? ` · ${oneLine(event.detail)}` : '';
  return `${paint(format, mark)} ${name(item, paint)} ${paint(format, event.outcome)} · ${formatDuration(event.milliseconds)}${detail}`;
}

/** What is said of an item whose end nobody saw, because the run was stopped. */
export function unfinishedLine(item: Name & { readonly step: string }, milliseconds: number, paint: Paint): string {
  const step = item.step ? ` · ${oneLine(item.step)}` : '';
  return `${paint('yellow', '?')} ${name(item, paint)} ${paint('yellow', 'not finished')} · ${formatDuration(milliseconds)}${step}`;
}

/** The further lines of an item, indented below its own. */
export function detailLines(event: ItemFinished): string[] {
  return (event.lines ?? []).flatMap((line) => manyLines(line)).map((line) => `    ${line}`);
}

/** A message, prefixed by its level if that matters, and by the item it belongs to. */
export function messageLines(event: Message, item: Name | undefined, paint: Paint): string[] {
  const of = item ? `${oneLine(item.label)}: ` : '';
  const level =
    event.level === 'error'
      ? paint('red', 'error: ')
      : event.level === 'warning'
        ? paint('yellow', 'warning: ')
        : event.level === 'debug'
          ? paint('dim', 'debug: ')
          : '';
  return manyLines(event.text).map((line, index) => (index === 0 ? level + of + line : line));
}

/** `aws deploy-role cloudformation:DescribeStacks 111111111111/eu-west-1 43 ms, 3 attempts, Throttling` */
export function awsCallLine(event: AwsCall, paint: Paint): string {
  const facts = [`${Math.round(event.milliseconds)} ms`];
  if (event.attempts > 1) facts.push(`${event.attempts} attempts`);
  const call = `aws ${oneLine(event.role)} ${oneLine(event.service)}:${oneLine(event.action)} ${oneLine(event.target)} ${facts.join(', ')}`;
  return paint('dim', call) + (event.error ? `${paint('dim', ',')} ${paint('red', oneLine(event.error))}` : '');
}

/** `✔ deploy done in 12.3 s · 4 stacks: 1 updated, 3 unchanged` */
export function summaryLine(event: RunFinished, action: string, paint: Paint): string {
  const [mark, verb, format] = event.success
    ? (['✔', 'done in', 'green'] as const)
    : (['✖', 'failed after', 'red'] as const);
  const summary = event.summary ? ` · ${oneLine(event.summary)}` : '';
  return `${paint(format, mark)} ${paint('bold', oneLine(action))} ${verb} ${formatDuration(event.milliseconds)}${summary}`;
}
