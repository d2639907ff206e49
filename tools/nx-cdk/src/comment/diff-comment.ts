import type { DiffReport } from '../diff/index.ts';

/** Begins every comment of ours; nobody sees it. */
export const MARKER = '<!-- nx-cdk diff -->';

/** Characters that a comment may have: GitHub takes 65,536, and a little is left for what stands around the text. */
const LONGEST = 64_000;

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
  const shown = stacks.map(textOf).join('\n');
  // A fence longer than any in the text: a property must not end it and speak in our name.
  const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const [cut, note] =
    shown.length > LONGEST ? [shown.slice(0, LONGEST), '\nThe rest is in the log of the job.\n'] : [shown, ''];
  return `${MARKER}\n**What a deployment${of} would change**\n\n${fence}diff\n${cut}\n${fence}\n${note}${missing}`;
}

function textOf({ id, account, region, outcome, broadensPermissions, text, failure }: DiffReport['stacks'][number]) {
  const name = `${id} (${account}/${region})`;
  if (outcome !== 'different')
    return `✖ ${name} was not compared${failure === undefined ? '' : `: ${failure.message}`}`;
  const lines = text.split('\n').map((line) => `    ${line}`);
  return [`~ ${name}${broadensPermissions ? ' · allows more than now' : ''}`, ...lines].join('\n');
}
