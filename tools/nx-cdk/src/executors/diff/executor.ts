import { defineExecutor } from '../../command/index.ts';
import { tellLeftBehind } from '../../deploy/index.ts';
import { diff } from '../../diff/index.ts';
import { storedTemplates } from '../../release/index.ts';
import type { DiffExecutorSchema } from './schema.d.ts';

/** Shows what a deployment would change. Changes nothing. */
export default defineExecutor(async (options: DiffExecutorSchema, { scope, aws, listener, signal }) => {
  const need = { contents: 'none', stored: true } as const;
  const { assembly, owner, stacks, isStored, release } = await scope(options, { release: need, words: 'lookup' });
  const clients = await aws();
  const bringNested = isStored && release ? storedTemplates(assembly, release, clients) : undefined;
  const dependencies = { aws: clients, listener, signal };
  const report = await diff({ ...options, assembly, owner, stacks, bringNested }, dependencies);
  tellLeftBehind(report.leftBehind, listener);
  return { success: report.success && !(options.failOnChange === true && report.different), report };
});
