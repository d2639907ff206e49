import { defineExecutor } from '../../command/index.ts';
import { detectDrift } from '../../drift/index.ts';
import type { DriftExecutorSchema } from './schema.d.ts';

/** Shows what somebody changed past CloudFormation. Changes nothing; assumes only lookup roles. */
export default defineExecutor(
  async (options: DriftExecutorSchema, { scope, aws, listener, signal }) => {
    const { concurrency, failOnDrift } = options;
    const { project, assembly, stacks } = await scope(
      { ...options, exclusively: true },
      { release: { contents: 'none' } },
    );
    const limits = { concurrency, concurrencyPerTarget: options.concurrencyPerTarget };
    const report = await detectDrift({ assembly, stacks, ...limits }, { aws: await aws(), listener, signal });
    if (report.drifted) {
      const text = `To bring back what was deployed: nx deploy ${project} --revertDrift. To keep what is there: write it into the app, and deploy that.`;
      listener({ type: 'message', level: 'info', text });
    }
    return { success: report.success && !(failOnDrift === true && report.drifted), report };
  },
  { whenInterrupted: 'What CloudFormation began to compare, it goes on comparing.' },
);
