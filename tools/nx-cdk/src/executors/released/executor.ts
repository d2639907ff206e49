import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import { showReleased } from '../../deployments/index.ts';
import type { ReleasedExecutorSchema } from './schema.d.ts';

/** Shows what was deployed to each deploy group. Only reads. */
export default async function releasedExecutor(options: ReleasedExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, environments, listener, aws }) => {
    const report = await showReleased(
      {
        environments: environments(options.environmentsFile),
        folder: workspaceRoot,
        events: options.json ?? false,
      },
      { aws: await aws(), listener },
    );
    return { success: report.success, report };
  });
}
