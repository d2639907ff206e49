import { defineExecutor } from '../../command/index.ts';
import { diff } from '../../diff/index.ts';
import type { DiffExecutorSchema } from './schema.d.ts';

/** Shows what a deployment would change. Changes nothing. */
export default defineExecutor(async (options: DiffExecutorSchema, { scope, aws, listener, signal }) => {
  const { assembly, stacks } = await scope(options, { release: { contents: 'none' } });
  const report = await diff({ ...options, assembly, stacks }, { aws: await aws(), listener, signal });
  return { success: report.success && !(options.failOnChange === true && report.different), report };
});
