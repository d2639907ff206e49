import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readCdkJsonIfAny } from '../../cdk-json/index.ts';
import { parseChangeSetName, parseInstance, type StackState } from '../../cloudformation/index.ts';
import {
  type Command,
  type Scope,
  concurrencyPerTarget,
  defineExecutor,
  fileOfInstance,
  warnOfGoingBack,
  writeReport,
} from '../../command/index.ts';
import {
  type DeployReport,
  type DeployRequest,
  deploy,
  outputsOf,
  type StackDependencies,
  type Verification,
  tellLeftBehind,
} from '../../deploy/index.ts';
import { askToDeleteLeftBehind, deleteLeftBehind, type DestroyReport } from '../../destroy/index.ts';
import { Failure } from '../../failure/index.ts';
import {
  approvalGate,
  changesAsText,
  dayOf,
  deletionsAsText,
  findDeletions,
  judge,
  openPlan,
  type PlannedDeletion,
  type PlannedDeployment,
  preview,
  requireDeletable,
  rulesGate,
  verdictAsText,
  workspaceRules,
  type WorkspaceRules,
} from '../../plan/index.ts';
import { isReviewed, ReleaseGate } from '../../release/index.ts';
import type { DeployExecutorSchema } from './schema.d.ts';
import { nxVerification } from './verification.ts';

/** Creates and updates the selected stacks. Assumes only deploy roles. */
export default defineExecutor(
  async (options: DeployExecutorSchema, command, context) => {
    const { listener, signal } = command;
    const { concurrency, force, rollback, revertDrift } = options;
    const limits = { concurrency, concurrencyPerTarget: concurrencyPerTarget(options, listener) };
    const requiredBy = options.plan === undefined ? undefined : 'A plan';
    const need = { requiredBy, stored: true, ruled: true } as const;
    const scope = await command.scope(options, { published: true, release: need, words: 'deploy' });
    const { assembly, release: manifest, signing, isStored } = scope;
    const planned = await plannedBy(options, scope, command);
    const aws = await command.aws();
    const rules = workspaceRules(scope.files);
    const deletions = await deletionsOf(options, scope, planned, command);
    const accepted = options.dryRun === true ? [] : requireDeletable(deletions ?? [], rules, dayOf(Date.now()));
    for (const text of accepted) listener({ type: 'message', level: 'info', text });
    const release = manifest?.digest;
    const request = { ...scope, release, ...limits, force, rollback, revertDrift, ...(planned && chosenBy(planned)) };
    const hurried = hurriedStacks(scope, request.deploymentMode, listener);
    const gates = [
      ...(planned === undefined ? [] : [planned.gate]),
      ...rules.map((one) => rulesGate({ rules: one, planned: planned?.planned, listener })),
      ...(manifest === undefined
        ? []
        : [new ReleaseGate({ manifest, assembly, signing, isStored }, { aws, listener })]),
      // Refuses nothing, and is read before anybody is asked.
      { check: (pending: readonly StackState[]) => warnOfGoingBack(options, scope, pending.map(changing), command) },
      // The last: nobody is asked about what may not be deployed anyway.
      ...(isApproved(options, hurried) ? [] : [approvalGate({ ...approvalOptions(options, scope, command), hurried })]),
    ];
    const report =
      options.dryRun === true
        ? await dryRun(request, { aws, listener, signal }, rules, deletions)
        : await deploy(request, {
            aws,
            listener,
            signal,
            gates,
            timeline: command.isRecorded,
            verification: verificationBy(options, scope, command, context),
          });
    if (deletions === undefined) tellLeftBehind(report.leftBehind, listener);
    const deleted = await prune(deletions, report, { ...request, dryRun: options.dryRun }, { aws, listener, signal });
    if (scope.instance !== undefined) tellExpiry(scope, report, options, listener);
    const outputsFile = outputsFileOf(options, scope, command);
    if (outputsFile !== undefined) await writeReport(outputsFile, outputsOf(report.stacks));
    return {
      success: report.success && deleted?.success !== false,
      report: { ...report, ...(deleted && { deleted: deleted.stacks }), ...(manifest && { release: manifest.digest }) },
    };
  },
  { page: 'deploy' },
);

/** What to delete after the deployment: what a plan says, else what somebody says yes to; undefined without either. */
async function deletionsOf(
  { prune, yes, dryRun, environment, plan }: DeployExecutorSchema,
  scope: Scope,
  planned: PlannedDeployment | undefined,
  command: Command,
): Promise<readonly PlannedDeletion[] | undefined> {
  const { listener, signal } = command;
  if (planned !== undefined) {
    if (prune !== true || planned.deletions !== undefined) return planned.deletions;
    const next = 'leave --prune out, or plan again with --prune, and have that reviewed';
    throw new Failure('OtherPlan', { what: `The plan ${plan} was made without --prune and deletes nothing`, next });
  }
  if (prune !== true) return undefined;
  const request = { ...scope, environment, deployed: true, otherApps: await command.otherApps() };
  const { deletions, kept } = await findDeletions(request, { aws: await command.aws(), listener, signal });
  tellLeftBehind({ stacks: kept, notAllSeen: [] }, listener);
  const shown = deletionsAsText(deletions, process.stdout.columns);
  const next = 'look at what it is (--dryRun) and add --yes, or deploy a reviewed plan (nx plan --prune)';
  if (deletions.length === 0 || dryRun === true || yes === true) {
    listener({ type: 'message', level: 'info', text: shown });
  } else if (!(await askToDeleteLeftBehind(deletions, shown, command.ask, next))) {
    throw new Failure('NotApproved', { what: 'What was left behind is to stay, by the answer: nothing was deployed' });
  }
  return deletions;
}

/** Deletes what was left behind, if every stack is as it should be. Returns undefined if nothing is to be deleted. */
async function prune(
  deletions: readonly PlannedDeletion[] | undefined,
  { success, interrupted }: DeployReport,
  request: DeployRequest & { readonly dryRun?: boolean },
  dependencies: StackDependencies,
): Promise<DestroyReport | undefined> {
  if (deletions === undefined || deletions.length === 0) return undefined;
  if (success && !interrupted) return deleteLeftBehind({ ...request, deletions }, dependencies);
  const text = 'Nothing is deleted of what was left behind: not all stacks are as they should be.';
  dependencies.listener({ type: 'message', level: 'warning', text });
  return undefined;
}

/** The checks of environments that this app has; none where somebody does not want them. */
function verificationBy(
  { verify = true }: DeployExecutorSchema,
  { checks }: Scope,
  command: Command,
  { configurationName, projectsConfigurations, projectName = '' }: ExecutorContext,
): Verification | undefined {
  const { targets = {} } = projectsConfigurations?.projects[projectName] ?? {};
  const own = [...checks].filter(([, target]) => targets[target] !== undefined);
  return verify && own.length > 0 ? nxVerification(command, new Map(own), configurationName) : undefined;
}

/** Absolute. That of `cdk.json` is relative to the app, from where the CDK CLI is called. */
function outputsFileOf(
  { outputsFile }: DeployExecutorSchema,
  { instance, project }: Scope,
  { workspaceRoot, projectRoot }: Command,
): string | undefined {
  if (outputsFile !== undefined) {
    return resolve(workspaceRoot, fileOfInstance(outputsFile.replaceAll('{projectName}', project), instance));
  }
  const named = readCdkJsonIfAny(projectRoot).outputsFile;
  return named === undefined ? undefined : resolve(projectRoot, fileOfInstance(named, instance));
}

/** Says when an instance expires. What was changed last says it, so a deployment that changes nothing moves nothing. */
function tellExpiry(
  { instance, owner }: Scope,
  { stacks }: DeployReport,
  { expires }: DeployExecutorSchema,
  listener: Command['listener'],
): void {
  const isChanged = stacks.some(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const { expiresAt } = (isChanged ? parseInstance(owner?.more) : lastDeployed(stacks)) ?? {};
  const when = expiresAt === undefined ? 'does not expire' : `expires at ${new Date(expiresAt).toISOString()}`;
  const still = isChanged || expires === undefined ? '' : ', as before: nothing was changed, so --expires did nothing';
  if (isChanged || expires !== undefined || expiresAt !== undefined) {
    listener({ type: 'message', level: 'info', text: `The instance ${instance} ${when}${still}.` });
  }
}

/** What the stack says that was deployed last, of those that a run has seen. */
function lastDeployed(stacks: DeployReport['stacks']) {
  const executed = stacks.flatMap(({ seen }) => parseChangeSetName(seen?.stack?.changeSetId) ?? []);
  return parseInstance(executed.toSorted((a, b) => b.createdAt - a.createdAt)[0]?.more);
}

/** What is known of a stack that is about to change. */
function changing({ desired: { resolved }, current }: StackState) {
  return {
    id: resolved.stack.id,
    target: resolved.targetName,
    changeSetId: current?.changeSetId,
    status: current?.status,
  };
}

/** What a plan decides. */
function chosenBy({ stacks, deploymentMode, revertDrift }: PlannedDeployment) {
  return { stacks, deploymentMode, revertDrift };
}

/**
 * Stacks of environments that want to be asked, and which somebody deploys in express mode all the same. Says so: the
 * environments file itself cannot ask for that.
 */
function hurriedStacks(
  { stacks, guarded }: Scope,
  modeOf: Scope['deploymentMode'],
  listener: Command['listener'],
): string[] {
  const hurried = stacks.filter((id) => guarded.has(id) && modeOf(id) === 'express');
  const environments = [...new Set(hurried.map((id) => guarded.get(id)!))].join(', ');
  const text = `${environments} asks for an approval, and would be deployed in express mode: CloudFormation neither waits until its resources work nor, without --rollback, undoes what fails.`;
  if (hurried.length > 0) listener({ type: 'message', level: 'warning', text });
  return hurried;
}

/**
 * Whether nobody has to be asked: somebody has said yes, or has named what was reviewed, or it is not AWS. A release
 * says nothing of the mode. A word for a release was reviewed by nobody.
 */
function isApproved(
  { yes, plan, release, requireEndpoint }: DeployExecutorSchema,
  hurried: readonly string[],
): boolean {
  if (yes === true || plan !== undefined || requireEndpoint === true) return true;
  return isReviewed(release) && hurried.length === 0;
}

function approvalOptions(
  { requireApproval = 'broadening', release }: DeployExecutorSchema,
  { guarded }: Scope,
  { ask, signal }: Command,
) {
  // What a release does was reviewed, but for the mode.
  const required = isReviewed(release) ? 'never' : requireApproval;
  return { required, guarded, ask, signal } as const;
}

/** Shows what a plan shows, without a file, and of any assembly. No gate is asked, since nothing changes. */
async function dryRun(
  request: DeployRequest,
  dependencies: StackDependencies,
  rules: readonly WorkspaceRules[],
  deletions: readonly PlannedDeletion[] = [],
): Promise<DeployReport> {
  const { report, planned } = await preview(request, dependencies, 'deploy (dry run)');
  const text = changesAsText(planned, process.stdout.columns);
  if (planned.length > 0) dependencies.listener({ type: 'message', level: 'info', text });
  const { refusal, ...verdict } = judge(planned, deletions, rules, dayOf(Date.now()));
  const texts = [verdictAsText(verdict), ...verdict.unused].filter((one) => one !== '');
  const level = refusal === undefined ? 'info' : 'warning';
  for (const one of texts) dependencies.listener({ type: 'message', level, text: one });
  return report;
}

/** What to deploy by a plan; undefined without one. */
async function plannedBy(
  { plan, planDigest: approved, dryRun, stacks, express, revertDrift }: DeployExecutorSchema,
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
      express,
      revertDrift,
      approved,
    },
    aws,
  );
  const text = `Deploying by plan ${planned.digest.slice(0, 12)}, and nothing else than it holds.`;
  listener({ type: 'message', level: 'info', text });
  return planned;
}
