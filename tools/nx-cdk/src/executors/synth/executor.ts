import { relative } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import { parseContext } from '../../synth/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';

/** Runs a CDK app and writes its cloud assembly. Needs no AWS permission. */
export default async function synthExecutor(options: SynthExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, aws }) => {
    const [{ synthesize }, { lookupsAllowed }] = await Promise.all([
      import('../../synth/index.ts'),
      import('../../synth/index.ts'),
    ]);
    const started = performance.now();
    listener({ type: 'run-started', action: 'synth', items: 0, subject: projectName });
    const { assembly, release } = await synthesize(
      {
        workspaceRoot,
        projectRoot,
        output: options.output,
        context: parseContext(options.context),
        strict: options.strict ?? false,
        lookups: options.lookups ?? lookupsAllowed(process.env),
      },
      { aws: await aws(), listener },
    );
    const environments = new Set(assembly.stacks.map(({ target }) => `${target.account}/${target.region}`));
    listener({ type: 'message', level: 'info', text: `release ${release.digest}` });
    listener({
      type: 'run-finished',
      success: true,
      summary: `${relative(workspaceRoot, assembly.directory)}: ${count(assembly.stacks.length, 'stack')} for ${count(environments.size, 'environment')}, ${count(assembly.files.length, 'file')} to publish`,
      milliseconds: performance.now() - started,
    });
    return {
      success: true,
      report: {
        assembly: assembly.directory,
        release: release.digest,
        stacks: assembly.stacks.map(({ id, stackName, target }) => ({ id, stackName, ...target })),
      },
    };
  });
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
