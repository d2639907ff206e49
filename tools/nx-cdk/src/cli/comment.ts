import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { diffComment, postComment, pullRequestOf } from '../comment/index.ts';
import { registerSecret } from '../progress/index.ts';
import type { CliCommand } from './commands.ts';

/** Shows a diff on the pull request that a job is about. */
export const commentCommand: CliCommand = {
  name: 'comment',
  summary: 'Show a file with the output of nx diff as the one comment on the pull request of this job.',
  details: [
    'The comment of an earlier run is updated. Works in GitHub Actions and CircleCI (GITHUB_TOKEN) and in GitLab CI/CD (GITLAB_TOKEN).',
    'The file is shown as it is: take secrets out of it with nx-cdk mask first.',
  ],
  options: [{ name: 'file', value: 'FILE', description: 'The file to show.', required: true }],
  run: async ({ options, folder, explain }) => {
    for (const name of ['GITHUB_TOKEN', 'GITLAB_TOKEN']) registerSecret(process.env[name] ?? '');
    const comments = pullRequestOf(process.env);
    if (comments === undefined) return explain('This job is about no pull request: there is nothing to comment on.');
    const { GITHUB_SHA, CI_COMMIT_SHA, CIRCLE_SHA1 } = process.env;
    const text = await readFile(resolve(folder, options['file']!), 'utf8');
    const outcome = await postComment(comments, diffComment(text, CI_COMMIT_SHA ?? CIRCLE_SHA1 ?? GITHUB_SHA));
    explain(`The comment on ${comments.of} is ${outcome}.`);
  },
};
