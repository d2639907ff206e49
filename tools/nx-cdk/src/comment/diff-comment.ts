import type { DiffReport } from '../diff/index.ts';
import { fenced } from './fenced.ts';

/** Begins every comment of ours about differences; nobody sees it. */
export const MARKER = '<!-- nx-cdk diff -->';

/** What a job found out about a proposed change. */
export interface Findings {
  /** Whether all that was affected was compared. */
  readonly complete: boolean;
  /** One for each project. */
  readonly reports: readonly DiffReport[];
}

/**
 * A comment that shows what a deployment would change.
 *
 * @param commit full name. @default - the comment names none
 */
export function diffComment({ complete, reports }: Findings, commit: string | undefined): string {
  const of = commit ? ` of ${commit.slice(0, 8)}` : '';
  const stacks = reports.flatMap((report) => report.stacks).filter(({ outcome }) => outcome !== 'unchanged');
  const missing = complete ? '' : '\nNot everything could be compared: the log of the job says why.\n';
  if (stacks.length === 0) {
    return `${MARKER}\n${missing === '' ? `**A deployment${of} would change no stack.**\n` : missing.trimStart()}`;
  }
  const shown = fenced(stacks.map(textOf).join('\n'), 'diff');
  return `${MARKER}\n**What a deployment${of} would change**\n\n${shown}${missing}`;
}

function textOf({ id, account, region, outcome, broadensPermissions, text, failure }: DiffReport['stacks'][number]) {
  const name = `${id} (${account}/${region})`;
  if (outcome !== 'different')
    return `✖ ${name} was not compared${failure === undefined ? '' : `: ${failure.message}`}`;
  const lines = text.split('\n').map((line) => `    ${line}`);
  return [`~ ${name}${broadensPermissions ? ' · allows more than now' : ''}`, ...lines].join('\n');
}
