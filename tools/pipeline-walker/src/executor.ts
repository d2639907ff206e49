import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from 'nx-cdk/assembly';
import { runCommand } from 'nx-cdk/command';
import { requireServiceSessions, walkPipeline } from './walk-pipeline.ts';
import { preparations } from './preparations.ts';
import type { RehearseExecutorSchema } from './schema.d.ts';

const WHEN_INTERRUPTED = {
  whenInterrupted: 'builds that run are ended, and nothing new is started; rehearse again from the beginning.',
};

/** Deploys the pipeline and walks it on this machine, each action with the role that it would have on AWS. */
export default async function rehearseExecutor(options: RehearseExecutorSchema, context: ExecutorContext) {
  return runCommand(
    options,
    context,
    async ({ workspaceRoot, projectRoot, listener, signal, aws }) => {
      requireServiceSessions(process.env);
      const { source, approve, parallel, until, pipeline, keep } = options;
      const report = await walkPipeline(
        {
          workspace: workspaceRoot,
          stacks: () => {
            const { stacks } = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
            return stacks.map(({ stackName, target }) => ({ stackName, ...target }));
          },
          ...{ source, approve, parallel, until, pipeline, keep },
          verbose: options.verbose === true || context.isVerbose,
          preparations: options.deploy === false ? [] : preparations(context),
          conversation: { input: process.stdin, output: options.json === true ? process.stderr : process.stdout },
        },
        { aws: await aws(), listener, signal },
      );
      return { success: report.success, report };
    },
    WHEN_INTERRUPTED,
  );
}
