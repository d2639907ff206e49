import { defineExecutor } from '../../command/index.ts';
import { lookupsAllowed, parseContext, synthesize } from '../../synth/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';

/** Runs a CDK app and writes its cloud assembly. Needs no AWS permission. */
export default defineExecutor(async (options: SynthExecutorSchema, command) => {
  const { workspaceRoot, projectRoot, projectName: name, listener, signal } = command;
  const { output, strict, lookups = lookupsAllowed(process.env) } = options;
  const { assembly, release } = await synthesize(
    { workspaceRoot, projectRoot, name, output, context: parseContext(options.context), strict, lookups },
    { aws: await command.aws(), listener, signal },
  );
  const stacks = assembly.stacks.map(({ id, stackName, target }) => ({ id, stackName, ...target }));
  return { success: true, report: { assembly: assembly.directory, release: release.digest, stacks } };
});
