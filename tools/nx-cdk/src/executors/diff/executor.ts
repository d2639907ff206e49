import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import type { DiffExecutorSchema } from './schema.d.ts';

/** Shows what a deployment would change. Changes nothing. */
export default async function diffExecutor(options: DiffExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ scope, aws, listener, signal }) => {
    const { assembly, stacks } = await scope(options);
    // Imported late: it brings the CDK toolkit, which a mistyped stack name need not wait for.
    const { diff } = await import('../../diff/index.ts');
    const { method, contextLines, masked, concurrency } = options;
    const report = await diff(
      { assembly, stacks, method, contextLines, masked, concurrency },
      { aws: await aws(), listener, signal },
    );
    return { success: report.success && !(options.failOnChange === true && report.different), report };
  });
}
