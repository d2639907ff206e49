import { resolve } from 'node:path';
import { readAssembly } from 'nx-cdk/assembly';
import { type Command, defineExecutor } from 'nx-cdk/command';
import { type Commit, findCommit, uncommittedFiles } from './commit.ts';
import { preparations, prepare } from './preparations.ts';
import type { RehearseExecutorSchema } from './schema.d.ts';
import { serviceSessionsUrl } from './sessions.ts';
import { walkPipeline } from './walk-pipeline.ts';

const WHEN_INTERRUPTED = 'builds that run are ended, and nothing new is started; rehearse again from the beginning.';

/** Deploys the pipeline and walks it on this machine, each action with the role that it has on AWS. */
export default defineExecutor(
  async (options: RehearseExecutorSchema, command, context) => {
    const startedAt = performance.now();
    const { workspaceRoot, projectRoot, listener, signal } = command;
    serviceSessionsUrl();
    const commit = await findCommit(workspaceRoot, options.source ?? 'HEAD');
    await warnOfUncommitted(commit, listener);
    if (options.deploy !== false) await prepare(preparations(context), workspaceRoot, listener, signal);
    const { stacks } = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const report = await walkPipeline({
      ...options,
      verbose: options.verbose === true || context.isVerbose,
      commit,
      startedAt,
      stacks: stacks.map(({ stackName, target }) => ({ stackName, ...target })),
      conversation: { input: process.stdin, output: options.json === true ? process.stderr : process.stdout },
      aws: await command.aws(),
      listener,
      signal,
    });
    return { success: report.success, report };
  },
  { whenInterrupted: WHEN_INTERRUPTED },
);

/** A commit is walked, as on AWS: uncommitted changes are no part of it, which is easily forgotten. */
async function warnOfUncommitted({ workspace, id }: Commit, listener: Command['listener']): Promise<void> {
  const files = await uncommittedFiles(workspace);
  if (files.length === 0) return;
  const some = files.slice(0, 3).join(', ') + (files.length > 3 ? ', ...' : '');
  listener({
    type: 'message',
    level: 'warning',
    text: `${files.length === 1 ? '1 file is' : `${files.length} files are`} not committed (${some}) and so not part of the rehearsal, which is of the commit ${id.slice(0, 12)}: commit first to rehearse them.`,
  });
}
