import { concurrencyPerTarget, defineExecutor } from '../../command/index.ts';
import { askToDelete, destroy, withDependents } from '../../destroy/index.ts';
import type { DestroyExecutorSchema } from './schema.d.ts';

/** Deletes the selected stacks, after asking. Assumes only deploy roles. */
export default defineExecutor(async (options: DestroyExecutorSchema, { scope, aws, listener, signal }) => {
  const { exclusively, concurrency, dryRun, force, json, express } = options;
  const limits = { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener) };
  // What a stack depends on stays where it is; what depends on it has to go first.
  const also = exclusively === true ? undefined : withDependents;
  const { assembly, promotion, stacks } = await scope(
    { ...options, exclusively: true },
    { also, release: { contents: 'none', signed: true } },
  );
  const terminal = { input: process.stdin, output: json === true ? process.stderr : process.stdout, signal };
  const report = await destroy(
    { assembly, stacks, promotion, dryRun, express, ...limits },
    {
      aws: await aws(),
      listener,
      signal,
      confirm: force === true ? undefined : (found) => askToDelete(found, terminal),
    },
  );
  if (report.declined) listener({ type: 'message', level: 'info', text: 'Nothing was deleted.' });
  return { success: report.success, report };
});
