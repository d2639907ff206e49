import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';

/** Runs a CDK app and writes its cloud assembly. Needs no AWS permission. */
export default async function synthExecutor(options: SynthExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, aws }) => {
    const { lookupsAllowed, parseContext, synthesize } = await import('../../synth/index.ts');
    const { assembly, release } = await synthesize(
      {
        workspaceRoot,
        projectRoot,
        name: projectName,
        output: options.output,
        context: parseContext(options.context),
        strict: options.strict ?? false,
        lookups: options.lookups ?? lookupsAllowed(process.env),
      },
      { aws: await aws(), listener },
    );
    const { directory, stacks } = assembly;
    const report = stacks.map(({ id, stackName, target }) => ({ id, stackName, ...target }));
    return { success: true, report: { assembly: directory, release: release.digest, stacks: report } };
  });
}
