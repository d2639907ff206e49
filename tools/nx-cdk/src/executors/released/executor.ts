import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/run-command.ts';
import { showReleased } from '../../deployments/index.ts';
import type { ReleasedExecutorSchema } from './schema.d.ts';

/** Shows what was released to each deploy group. Only reads. */
export default async function releasedExecutor(options: ReleasedExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, listener, aws }) => {
    const { ENVIRONMENTS_FILE, readEnvironments } = await import('@libs/environments');
    const environments = readEnvironments(resolve(workspaceRoot, options.environmentsFile ?? ENVIRONMENTS_FILE));
    const report = await showReleased(
      { environments, folder: workspaceRoot, events: options.json ?? false },
      { aws: await aws(), listener },
    );
    return { success: report.success, report };
  });
}
