import type { DiffReport } from '../diff/index.ts';
import { fenced } from './fenced.ts';

/** Begins every comment of ours about differences; nobody sees it. */
export const MARKER = '<!-- nx-cdk diff -->';

/** Characters of pictures: what differs counts more. */
const LONGEST_PICTURES = 8_000;

/** What a job found out about a proposed change. */
export interface Findings {
  /** Whether all that was affected was compared. */
  readonly complete: boolean;
  /** One for each project. */
  readonly reports: readonly (DiffReport & {
    /** Markdown that shows which stack waits for which. @default - there is none */
    readonly picture?: string;
  })[];
  /** Address of the run of the CI that keeps the pages of the comparison. @default - nobody knows */
  readonly run?: string;
}

/**
 * A comment that shows what a deployment would change.
 *
 * @param commit full name. @default - the comment names none
 */
export function diffComment({ complete, reports, run }: Findings, commit: string | undefined): string {
  const of = commit ? ` of ${commit.slice(0, 8)}` : '';
  const stacks = reports.flatMap((report) => report.stacks).filter(({ outcome }) => outcome !== 'unchanged');
  const missing = complete ? '' : '\nNot everything could be compared: the log of the job says why.\n';
  if (stacks.length === 0) {
    return `${MARKER}\n${missing === '' ? `**A deployment${of} would change no stack.**\n` : missing.trimStart()}`;
  }
  const all = reports.map(({ picture = '' }) => picture && `${picture}\n`).join('');
  const pictures = all.length > LONGEST_PICTURES ? '' : all;
  const pages = run && `\n[Pages of this comparison](${run}) are artifacts of its run, called \`diff\`.\n`;
  const shown = fenced(stacks.map(textOf).join('\n'), 'diff', pictures.length);
  return `${MARKER}\n**What a deployment${of} would change**\n\n${pictures}${shown}${missing}${pages ?? ''}`;
}

function textOf({ id, account, region, outcome, broadensPermissions, text, failure }: DiffReport['stacks'][number]) {
  const name = `${id} (${account}/${region})`;
  if (outcome !== 'different')
    return `✖ ${name} was not compared${failure === undefined ? '' : `: ${failure.message}`}`;
  const lines = text.split('\n').map((line) => `    ${line}`);
  return [`~ ${name}${broadensPermissions ? ' · allows more than now' : ''}`, ...lines].join('\n');
}
