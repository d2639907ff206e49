import { defineExecutor } from '../../command/index.ts';
import { lookUp } from '../../lookups/index.ts';
import { parseContext } from '../../synth/index.ts';
import type { LookupsExecutorSchema } from './schema.d.ts';

/** Looks up what an app asks for and keeps it in cdk.context.json. Assumes only roles for reading. */
export default defineExecutor(async (options: LookupsExecutorSchema, command) => {
  const { workspaceRoot, projectRoot, listener, signal } = command;
  const { refresh, key = [], passEnvironment } = options;
  const context = parseContext(options.context);
  const report = await lookUp(
    { workspaceRoot, projectRoot, context, refresh, keys: [key].flat(), passEnvironment },
    { aws: await command.aws(), listener, signal },
  );
  return { success: report.success, report };
});
