import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import type { LookupsExecutorSchema } from './schema.d.ts';

/** Looks up what an app asks for and keeps it in cdk.context.json. Assumes only roles for reading. */
export default async function lookupsExecutor(options: LookupsExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, listener, signal, aws }) => {
    const [{ lookUp }, { parseContext }] = await Promise.all([
      import('../../lookups/index.ts'),
      import('../../synth/index.ts'),
    ]);
    const report = await lookUp(
      {
        workspaceRoot,
        projectRoot,
        context: parseContext(options.context),
        refresh: options.refresh ?? false,
        keys: options.key === undefined ? [] : [options.key].flat(),
      },
      { aws: await aws(), listener, signal },
    );
    return { success: report.success, report };
  });
}
