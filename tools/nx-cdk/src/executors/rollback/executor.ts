import { defineExecutor } from '../../command/index.ts';
import { Failure } from '../../failure/index.ts';
import { rollback } from '../../rollback/index.ts';
import type { RollbackExecutorSchema } from './schema.d.ts';

/** Rolls stuck stacks back to their last good state. Assumes only deploy roles. */
export default defineExecutor(async (options: RollbackExecutorSchema, { scope, aws, listener, signal }) => {
  const { force, concurrency } = options;
  const orphan = [options.orphan ?? []].flat().flatMap((ids) => ids.split(','));
  if (orphan.length > 0 && force === true) {
    throw new Failure('BadOption', {
      what: '--orphan names the resources to leave behind and --force leaves all behind that fail',
      next: 'use one of the two',
    });
  }
  const { assembly, stacks } = await scope(
    { ...options, exclusively: true },
    { release: { contents: 'none', signed: true, stored: true } },
  );
  const report = await rollback(
    { assembly, stacks, orphan, force, concurrency },
    { aws: await aws(), listener, signal },
  );
  return { success: report.success, report };
});
