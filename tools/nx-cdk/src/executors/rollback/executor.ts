import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { rollback } from '../../rollback/index.ts';
import type { RollbackExecutorSchema } from './schema.d.ts';

/** Rolls stuck stacks back to their last good state. Assumes only deploy roles. */
export default async function rollbackExecutor(options: RollbackExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ scope, aws, listener, signal }) => {
    const { force = false, concurrency } = options;
    const orphan = [options.orphan ?? []].flat().flatMap((ids) => ids.split(','));
    if (orphan.length > 0 && force) {
      throw new Failure('BadOption', {
        what: '--orphan names the resources to leave behind and --force leaves all behind that fail',
        next: 'use one of the two',
      });
    }
    const { assembly, stacks } = await scope({ ...options, exclusively: true });
    const report = await rollback(
      { assembly, stacks, orphan, force, concurrency },
      { aws: await aws(), listener, signal },
    );
    return { success: report.success, report };
  });
}
