import { resolve } from 'node:path';
import { readCdkJsonIfAny } from '../../cdk-json/index.ts';
import { type Command, type Scope, concurrencyPerTarget, defineExecutor, writeReport } from '../../command/index.ts';
import {
  type DeployReport,
  type DeployRequest,
  deploy,
  outputsOf,
  type StackDependencies,
} from '../../deploy/index.ts';
import { Failure } from '../../failure/index.ts';
import { approvalGate, changesAsText, openPlan, type PlannedDeployment, preview } from '../../plan/index.ts';
import { ReleaseGate } from '../../release/index.ts';
import type { DeployExecutorSchema } from './schema.d.ts';

/** Creates and updates the selected stacks. Assumes only deploy roles. */
export default defineExecutor(async (options: DeployExecutorSchema, command) => {
  const { listener, signal } = command;
  const { concurrency, force, rollback } = options;
  const limits = { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener) };
  const requiredBy = options.plan === undefined ? undefined : 'A plan';
  const scope = await command.scope(options, { published: true, release: { requiredBy } });
  const { assembly, release: manifest, signing } = scope;
  const planned = await plannedBy(options, scope, command);
  const aws = await command.aws();
  const request = { ...scope, ...limits, force, rollback, stacks: planned?.stacks ?? scope.stacks };
  const gates = [
    ...(planned === undefined ? [] : [planned.gate]),
    ...(manifest === undefined ? [] : [new ReleaseGate({ manifest, assembly, signing }, { aws, listener })]),
    // The last: nobody is asked about what may not be deployed anyway.
    ...(isApproved(options) ? [] : [approvalGate(approvalOptions(options, scope, command))]),
  ];
  const report =
    options.dryRun === true
      ? await dryRun(request, { aws, listener, signal })
      : await deploy(request, { aws, listener, signal, gates });
  const outputsFile = outputsFileOf(options, command);
  if (outputsFile !== undefined) await writeReport(outputsFile, outputsOf(report));
  return { success: report.success, report: { ...report, ...(manifest && { release: manifest.digest }) } };
});

/** Absolute. That of `cdk.json` is relative to the app, from where the CDK CLI is called. */
function outputsFileOf(
  { outputsFile }: DeployExecutorSchema,
  { workspaceRoot, projectRoot }: Command,
): string | undefined {
  if (outputsFile !== undefined) return resolve(workspaceRoot, outputsFile);
  const named = readCdkJsonIfAny(projectRoot).outputsFile;
  return named === undefined ? undefined : resolve(projectRoot, named);
}

/**
 * Whether nobody has to be asked: somebody has said yes, or has named what was reviewed, or it is not AWS.
 */
function isApproved({ yes, plan, release, requireEndpoint }: DeployExecutorSchema): boolean {
  return yes === true || plan !== undefined || release !== undefined || requireEndpoint === true;
}

function approvalOptions(
  { requireApproval: required = 'broadening' }: DeployExecutorSchema,
  { guarded }: Scope,
  { ask, signal }: Command,
) {
  return { required, guarded, ask, signal };
}

/** Shows what a plan shows, without a file, and of any assembly. No gate is asked, since nothing changes. */
async function dryRun(request: DeployRequest, dependencies: StackDependencies): Promise<DeployReport> {
  const { report, planned } = await preview(request, dependencies, 'deploy (dry run)');
  const text = changesAsText(planned, process.stdout.columns);
  if (planned.length > 0) dependencies.listener({ type: 'message', level: 'info', text });
  return report;
}

/** What to deploy by a plan; undefined without one. */
async function plannedBy(
  { plan, planDigest: approved, dryRun, stacks }: DeployExecutorSchema,
  { project, assembly, release, parameters, ...scope }: Scope,
  { workspaceRoot, listener, aws }: Command,
): Promise<PlannedDeployment | undefined> {
  if (plan === undefined && approved !== undefined) {
    const next = 'name the file of the plan with --plan';
    throw new Failure('BadOption', { what: '--planDigest is given without a plan', next });
  }
  if (plan === undefined) return undefined;
  if (dryRun === true) {
    const next = 'leave --dryRun out, or plan again to see what would change (nx plan)';
    throw new Failure('PlanAndDryRun', { what: 'A dry run asks no plan', next });
  }
  const planned = await openPlan(
    resolve(workspaceRoot, plan),
    {
      project,
      release: release!.digest,
      assembly,
      stacks: scope.stacks,
      named: stacks !== undefined,
      parameters,
      approved,
    },
    aws,
  );
  const text = `Deploying by plan ${planned.digest.slice(0, 12)}, and nothing else than it holds.`;
  listener({ type: 'message', level: 'info', text });
  return planned;
}
