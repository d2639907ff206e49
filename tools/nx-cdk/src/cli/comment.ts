import { appendFileSync, existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  diffComment,
  type DiffReport,
  type Findings,
  postComment,
  pullRequestOf,
  runAddress,
} from '../comment/index.ts';
import { Failure } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import type { CliCommand, Invocation } from './commands.ts';

/** Shows differences on the pull request that a job is about. */
export const commentCommand: CliCommand = {
  name: 'comment',
  summary: 'Show reports of nx-cdk diff as the one comment on the pull request of this job.',
  details: [
    'The comment of an earlier run is updated. Works in GitHub Actions and CircleCI (GITHUB_TOKEN) and in GitLab CI/CD (GITLAB_TOKEN). In GitHub Actions, the summary of the job has the same text.',
    'The folder is that of nx-cdk diff.',
  ],
  options: {
    reports: { value: 'FOLDER', description: 'The folder of the reports.', required: true },
    pullRequest: {
      value: 'NUMBER',
      description: 'The pull request, in a workflow of GitHub Actions that another one has started.',
    },
    commit: { value: 'SHA', description: 'The commit that was compared. Default: that of the job.' },
  },
  run: async ({ options, folder, explain }) => {
    for (const name of ['GITHUB_TOKEN', 'GITLAB_TOKEN']) registerSecret(process.env[name] ?? '');
    const pullRequest = pullRequestOf(process.env, options['pullRequest']);
    if (pullRequest === undefined) return explain('This job is about no pull request: there is nothing to comment on.');
    const findings = await findingsIn(resolve(folder, options['reports']!));
    const run = runAddress(process.env);
    const comment = diffComment({ ...findings, ...(run && { run }) }, commitOf(options));
    // Before it is posted: the summary of the job has it also where the token may not comment.
    const { GITHUB_STEP_SUMMARY: summary } = process.env;
    if (summary) appendFileSync(summary, comment);
    const outcome = await postComment(pullRequest, comment);
    explain(`The comment on ${pullRequest.name} is ${outcome}.`);
  },
};

/** The commit that a comment is about: the one that is named, else that of the job. */
export function commitOf({ commit }: Invocation['options']): string | undefined {
  const { GITHUB_SHA, CI_COMMIT_SHA, CIRCLE_SHA1 } = process.env;
  return commit ?? CI_COMMIT_SHA ?? CIRCLE_SHA1 ?? GITHUB_SHA;
}

/** A report as `nx-cdk diff` writes it. */
type WrittenReport = DiffReport & {
  /** By id, what each stack of the assembly waits for. */
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
};

/** The reports are from a job that has read the assemblies of the change: what they hold is drawn, or quoted. */
async function findingsIn(folder: string): Promise<Findings> {
  const outcome = join(folder, 'outcome');
  if (!existsSync(outcome)) {
    throw new Failure('Comment', { what: `${outcome} is missing`, next: 'run the job that compares first' });
  }
  const files = globSync('*.json', { cwd: folder }).toSorted();
  const { drawStacks } = await import('../plan/index.ts');
  const reports = files.map((file) => {
    const report = JSON.parse(readFileSync(join(folder, file), 'utf8')) as WrittenReport;
    const shown = report.stacks
      .filter(({ outcome }) => outcome === 'different')
      .map(({ id, broadensPermissions }) => ({ id, words: broadensPermissions ? ['allows more than now'] : [] }));
    const stacks = Object.entries(report.dependencies ?? {}).map(([id, dependencies]) => ({ id, dependencies }));
    return { ...report, picture: drawStacks(shown, { stacks, promotion: [] }) };
  });
  return { complete: readFileSync(outcome, 'utf8').trim() === 'complete', reports };
}
