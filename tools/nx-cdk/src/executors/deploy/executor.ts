import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { openRelease } from '../../command/open-release.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { chooseTargets, stacksOfTargets } from '../../command/choose-targets.ts';
import { runCommand } from '../../command/run-command.ts';
import { writeReport } from '../../command/write-report.ts';
import { type DeployReport, deploy } from '../../deploy/index.ts';
import type { DeployExecutorSchema } from './schema.d.ts';

/** Creates and updates the selected stacks. Assumes only deploy roles. */
export default async function deployExecutor(options: DeployExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, signal, aws }) => {
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { stackIds, promotion } = await chooseStacks(workspaceRoot, assembly, options, listener);
    const chosen = new Set(stackIds);
    const places = assembly.stacks.filter(({ id }) => chosen.has(id)).map(({ environment }) => environment);
    const choice = await chooseTargets(workspaceRoot, places, options, aws);
    const stacks = choice === undefined ? stackIds : stacksOfTargets(assembly, stackIds, promotion, choice);
    if (choice !== undefined && stacks.length === 0) {
      const text = `No stack of ${projectName} goes to ${choice.patterns.join(', ')}: there is nothing to deploy.`;
      listener({ type: 'message', level: 'info', text });
    }
    await openRelease(assembly, listener);
    const report = await deploy(
      {
        assembly,
        stacks,
        promotion,
        parameters: options.parameters === undefined ? [] : [options.parameters].flat(),
        concurrency: options.concurrency,
        concurrencyPerEnvironment: options.concurrencyPerEnvironment,
        dryRun: options.dryRun ?? false,
        force: options.force ?? false,
        rollback: options.rollback ?? true,
      },
      { aws: await aws(), listener, signal },
    );
    if (options.outputsFile !== undefined)
      await writeReport(resolve(workspaceRoot, options.outputsFile), outputsOf(report));
    return { success: report.success, report };
  });
}

/** Outputs by stack name, the form of `cdk deploy --outputs-file`. */
function outputsOf(report: DeployReport): Record<string, Readonly<Record<string, string>>> {
  return Object.fromEntries(report.stacks.map(({ stackName, outputs }) => [stackName, outputs]));
}
