import { defineExecutor } from '../../command/index.ts';
import { tellLeftBehind } from '../../deploy/index.ts';
import { diff } from '../../diff/index.ts';
import type { DiffExecutorSchema } from './schema.d.ts';

/** Shows what a deployment would change. Changes nothing. */
export default defineExecutor(async (options: DiffExecutorSchema, { scope, aws, listener, signal }) => {
  const { assembly, owner, stacks } = await scope(options, { release: { contents: 'none' }, words: 'lookup' });
  const report = await diff({ ...options, assembly, owner, stacks }, { aws: await aws(), listener, signal });
  tellLeftBehind(report.leftBehind, listener);
  return { success: report.success && !(options.failOnChange === true && report.different), report };
});
