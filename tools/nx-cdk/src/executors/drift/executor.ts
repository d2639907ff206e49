import { defineExecutor } from '../../command/index.ts';
import { detectDrift } from '../../drift/index.ts';
import type { DriftExecutorSchema } from './schema.d.ts';

/** Shows what somebody changed past CloudFormation. Changes nothing; assumes only lookup roles. */
export default defineExecutor(async (options: DriftExecutorSchema, { scope, aws, listener, signal }) => {
  const { concurrency, failOnDrift } = options;
  const { assembly, stacks } = await scope({ ...options, exclusively: true }, { release: { contents: 'none' } });
  const limits = { concurrency, concurrencyPerTarget: options.concurrencyPerTarget };
  const report = await detectDrift({ assembly, stacks, ...limits }, { aws: await aws(), listener, signal });
  return { success: report.success && !(failOnDrift === true && report.drifted), report };
}, 'What CloudFormation began to compare, it goes on comparing.');
