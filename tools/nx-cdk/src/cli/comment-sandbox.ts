import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { postComment, pullRequestOf, sandboxComment, type SandboxState } from '../comment/index.ts';
import { Failure } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import { instanceIn, INSTANCE_OPTIONS } from './assemblies.ts';
import { commitOf } from './comment.ts';
import type { CliCommand } from './commands.ts';

const OUTCOMES = ['deployed', 'failed', 'removed'] as const;

/** Shows on the pull request that a job is about where its sandbox is. */
export const commentSandboxCommand: CliCommand = {
  name: 'comment-sandbox',
  summary: 'Show what became of a sandbox as the one comment about it on the pull request of this job.',
  details: [
    'The comment of an earlier run is updated; of a sandbox that was removed, no new one is made. Works where nx-cdk',
    'comment does. Shows addresses among the outputs, and of other outputs the names.',
  ],
  options: {
    ...INSTANCE_OPTIONS,
    outcome: { value: OUTCOMES.join('|'), description: 'What became of it.', required: true },
    outputs: { value: 'FOLDER', description: 'The folder with the outputs, for one that is deployed.' },
    pullRequest: { value: 'NUMBER', description: 'The pull request, in a workflow of GitHub Actions of the branch.' },
    commit: { value: 'SHA', description: 'The commit that was deployed. Default: that of the job.' },
  },
  run: async ({ options, folder, explain }) => {
    for (const name of ['GITHUB_TOKEN', 'GITLAB_TOKEN']) registerSecret(process.env[name] ?? '');
    const named = instanceIn(options);
    const outcome = OUTCOMES.find((one) => one === options['outcome']);
    if (named === undefined || outcome === undefined) {
      const what = 'nx-cdk comment-sandbox needs --environment, --instance and a known --outcome';
      throw new Failure('Usage', { what, next: 'nx-cdk comment-sandbox --help says more' });
    }
    const pullRequest = pullRequestOf(process.env, options['pullRequest']);
    if (pullRequest === undefined) return explain('This job is about no pull request: there is nothing to comment on.');
    const outputs = options['outputs'] === undefined ? [] : outputsIn(resolve(folder, options['outputs']));
    const text = sandboxComment({ ...named, outcome, outputs, commit: commitOf(options) });
    const posted = await postComment(pullRequest, text, { updateOnly: outcome === 'removed' });
    explain(`The comment on ${pullRequest.name} is ${posted}.`);
  },
};

/** One file for each project, as `nx deploy --outputsFile` writes it. */
function outputsIn(folder: string): NonNullable<SandboxState['outputs']> {
  const files = globSync('**/*.json', { cwd: folder }).toSorted();
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, never>);
}
