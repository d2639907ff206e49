import { defineExecutor } from '../../command/index.ts';
import { showReleased } from '../../deployments/index.ts';
import type { ReleasedExecutorSchema } from './schema.d.ts';

/** Shows what was deployed to each deploy group. Only reads. */
export default defineExecutor(async (options: ReleasedExecutorSchema, command) => {
  const { workspaceRoot: folder, listener } = command;
  const environments = command.environments(options.environmentsFile);
  const report = await showReleased(
    { environments, folder, events: options.json ?? false },
    { aws: await command.aws(), listener },
  );
  return { success: report.success, report };
});
