import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { openRelease } from '../../command/open-release.ts';
import { chooseStacks } from '../../command/promotion.ts';
import { chooseTargets, stacksOfTargets } from '../../command/choose-targets.ts';
import { releaseSigning } from '../../command/release-signing.ts';
import { runCommand } from '../../command/run-command.ts';
import { writeReport } from '../../command/write-report.ts';
import type { AwsClients } from '../../aws/index.ts';
import { type DeployReport, deploy } from '../../deploy/index.ts';
import { Failure } from '../../failure/index.ts';
import type { PlannedDeployment, PlannedRun } from '../../plan/index.ts';
import { releaseGate, requireRelease } from '../../release/index.ts';
import type { DeployExecutorSchema } from './schema.d.ts';

/** Creates and updates the selected stacks. Assumes only deploy roles. */
export default async function deployExecutor(options: DeployExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async ({ workspaceRoot, projectRoot, projectName, listener, signal, aws }) => {
    const assembly = readAssembly(resolve(projectRoot, options.assembly ?? 'cdk.out'));
    const { stackIds, promotion } = await chooseStacks(workspaceRoot, assembly, options, listener);
    const chosen = new Set(stackIds);
    const places = assembly.stacks.filter(({ id }) => chosen.has(id)).map(({ target }) => target);
    const choice = await chooseTargets(workspaceRoot, places, options, aws);
    const stacks = choice === undefined ? stackIds : stacksOfTargets(assembly, stackIds, promotion, choice);
    if (choice !== undefined && stacks.length === 0) {
      const text = `No stack of ${projectName} goes to ${choice.patterns.join(', ')}: there is nothing to deploy.`;
      listener({ type: 'message', level: 'info', text });
    }
    const parameters = options.parameters === undefined ? [] : [options.parameters].flat();
    const signing = await releaseSigning(workspaceRoot, options);
    const release = await openRelease(assembly, listener, requirementOf(options, signing));
    if (release !== undefined && options.release !== undefined) requireRelease(release, options.release);
    const scope = { project: projectName, release: release?.digest ?? '', assembly, stacks, parameters };
    const planned = await byPlan(resolve(workspaceRoot, options.plan ?? ''), scope, options, aws);
    if (planned !== undefined) {
      const text = `Deploying by plan ${planned.digest.slice(0, 12)}, and nothing else than it holds.`;
      listener({ type: 'message', level: 'info', text });
    }
    const connected = await aws();
    const report = await deploy(
      {
        assembly,
        stacks: planned?.stacks ?? stacks,
        promotion,
        parameters,
        concurrency: options.concurrency,
        concurrencyPerTarget: options.concurrencyPerEnvironment,
        dryRun: options.dryRun ?? false,
        force: options.force ?? false,
        rollback: options.rollback ?? true,
      },
      {
        aws: connected,
        listener,
        signal,
        gates: [
          ...(planned === undefined ? [] : [planned.gate]),
          ...(release === undefined
            ? []
            : [releaseGate({ manifest: release, assembly, signing }, { aws: connected, listener })]),
        ],
      },
    );
    if (options.outputsFile !== undefined)
      await writeReport(resolve(workspaceRoot, options.outputsFile), outputsOf(report));
    return { success: report.success, report: { ...report, ...(release && { release: release.digest }) } };
  });
}

/** What of the options is no use without a release. */
function requirementOf(
  { release, plan }: DeployExecutorSchema,
  signing: { readonly key: string } | undefined,
): { readonly requiredBy?: string } {
  if (release !== undefined) return { requiredBy: '--release' };
  if (plan !== undefined) return { requiredBy: 'A plan' };
  return signing === undefined ? {} : { requiredBy: `The signing key ${signing.key}` };
}

/** What to deploy where a plan is given; undefined where none is. */
async function byPlan(
  file: string,
  scope: Omit<PlannedRun, 'named'>,
  { plan, dryRun, stacks }: DeployExecutorSchema,
  aws: () => Promise<AwsClients>,
): Promise<PlannedDeployment | undefined> {
  if (plan === undefined) return undefined;
  if (dryRun === true) {
    throw new Failure(
      'PlanAndDryRun',
      'A dry run asks no plan: leave --dryRun out, or plan again to see what would change (nx plan).',
    );
  }
  const { openPlan } = await import('../../plan/index.ts');
  return openPlan(file, { ...scope, named: stacks !== undefined }, aws);
}

/** Outputs by stack name, the form of `cdk deploy --outputs-file`. */
function outputsOf(report: DeployReport): Record<string, Readonly<Record<string, string>>> {
  return Object.fromEntries(report.stacks.map(({ stackName, outputs }) => [stackName, outputs]));
}
