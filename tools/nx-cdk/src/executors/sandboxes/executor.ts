import { defineExecutor, instancesOf } from '../../command/index.ts';
import { listSandboxes, sandboxesAsText } from '../../sandboxes/index.ts';
import type { SandboxesExecutorSchema } from './schema.d.ts';

/** Lists the instances of an app. Changes nothing; assumes only lookup roles. */
export default defineExecutor(async (options: SandboxesExecutorSchema, command) => {
  const { listener, signal } = command;
  const sandboxes = await listSandboxes(
    instancesOf(options, command),
    { aws: await command.aws(), listener, signal },
    'lookup',
  );
  // Programs read the report.
  if (options.json !== true) listener({ type: 'message', level: 'info', text: sandboxesAsText(sandboxes, Date.now()) });
  return { success: true, report: { sandboxes } };
});
