import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { requireLimits } from '../../command/require-limits.ts';
import { runCommand } from '../../command/run-command.ts';
import { Failure } from '../../failure/index.ts';
import { rollback } from '../../rollback/index.ts';
import type { RollbackExecutorSchema } from './schema.d.ts';

/** Rolls stuck stacks back to their last good state. Assumes only deploy roles. */
export default async function rollbackExecutor(options: RollbackExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, listener, signal, aws }) => {
    requireLimits({ concurrency: options.concurrency });
    const orphan = [options.orphan ?? []].flat().flatMap((ids) => ids.split(','));
    if (orphan.length > 0 && options.force === true) {
      throw new Failure(
        'BadOption',
        '--orphan names the resources to leave behind and --force leaves all behind that fail: use one of the two.',
      );
    }
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { environmentsFile, environment, stacks } = options;
    const choice = { environmentsFile, environment, stacks, exclusively: true };
    const { stackIds } = await chooseStacks(workspaceRoot, assembly, choice, listener);
    const report = await rollback(
      { assembly, stacks: stackIds, orphan, force: options.force ?? false, concurrency: options.concurrency },
      { aws: await aws(), listener, signal },
    );
    return { success: report.success, report };
  });
}
