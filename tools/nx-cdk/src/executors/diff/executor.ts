import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { requireLimits } from '../../command/require-limits.ts';
import { runCommand } from '../../command/run-command.ts';
import type { DiffExecutorSchema } from './schema.d.ts';

/** Shows what a deployment would change. Changes nothing. */
export default async function diffExecutor(options: DiffExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, listener, signal, aws }) => {
    requireLimits({ concurrency: options.concurrency });
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { stackIds } = await chooseStacks(workspaceRoot, assembly, options, listener);
    // Imported late: it brings the CDK toolkit, which a mistyped stack name need not wait for.
    const { diff } = await import('../../diff/index.ts');
    const { method, contextLines, concurrency } = options;
    const report = await diff(
      { assembly, stacks: stackIds, method, contextLines, concurrency },
      { aws: await aws(), listener, signal },
    );
    return { success: report.success && !(options.failOnChange === true && report.different), report };
  });
}
