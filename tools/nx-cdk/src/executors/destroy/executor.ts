import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { requireLimits } from '../../command/require-limits.ts';
import { runCommand } from '../../command/run-command.ts';
import { askToDelete, destroy, withDependents } from '../../destroy/index.ts';
import type { DestroyExecutorSchema } from './schema.d.ts';

/** Deletes the selected stacks, after asking. Assumes only deploy roles. */
export default async function destroyExecutor(options: DestroyExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, listener, signal, aws }) => {
    requireLimits({ concurrency: options.concurrency, concurrencyPerEnvironment: options.concurrencyPerEnvironment });
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { environmentsFile, environment, stacks } = options;
    // What a stack depends on stays where it is; what depends on it has to go first.
    const choice = { environmentsFile, environment, stacks, exclusively: true };
    const { stackIds, promotion } = await chooseStacks(workspaceRoot, assembly, choice, listener);
    const report = await destroy(
      {
        assembly,
        stacks: options.exclusively === true ? stackIds : withDependents(assembly.stacks, stackIds),
        promotion,
        dryRun: options.dryRun ?? false,
        concurrency: options.concurrency,
        concurrencyPerEnvironment: options.concurrencyPerEnvironment,
      },
      {
        aws: await aws(),
        listener,
        signal,
        ...(options.force === true
          ? {}
          : {
              confirm: (found) =>
                askToDelete(found, {
                  input: process.stdin,
                  output: options.json === true ? process.stderr : process.stdout,
                  signal,
                }),
            }),
      },
    );
    if (report.declined) listener({ type: 'message', level: 'info', text: 'Nothing was deleted.' });
    return { success: report.success, report };
  });
}
