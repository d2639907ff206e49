import type { AwsClients } from '../aws/index.ts';
import {
  type DeployGate,
  type DeploymentMode,
  GivenParameters,
  readDesired,
  resolveStack,
  type StackState,
} from '../cloudformation/index.ts';
import { protectionToSet } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { beyondPlan } from './admission.ts';
import { movedSince } from './basis.ts';
import type { PlanRequest } from './make-plan.ts';
import { deletionsIn } from './deletions.ts';
import type { Plan, PlannedDeletion, PlannedStack } from './model.ts';
import { readPlan } from './plan-file.ts';
import { secretsDigest } from './secrets.ts';

/** The deployment that a plan is for. */
export interface PlannedRun extends Pick<PlanRequest, 'project' | 'release' | 'assembly' | 'stacks' | 'parameters'> {
  /** Whether somebody has named these stacks: then none of them may be missing in the plan. */
  readonly named: boolean;
  /** Whether somebody has asked for express mode, or for none. @default - as the plan says */
  readonly express?: boolean;
  /** Whether somebody has asked to bring back what drifted. @default - as the plan says */
  readonly revertDrift?: boolean;
  /** Digest of the only plan that will do. @default - any */
  readonly approved?: string;
}

/** What to do about a plan that no longer holds. */
const AGAIN = 'plan again, and have that reviewed';

/**
 * The stacks that a plan and a run have in common, in the order of the assembly.
 *
 * @throws Failure `OtherPlan` if the plan is for another project or release, or for other stacks
 */
function plannedStacks(plan: Plan, { project, release, assembly, stacks, named }: PlannedRun): string[] {
  if (plan.project !== project) {
    const what = `The plan is for ${plan.project}, not for ${project}`;
    throw new Failure('OtherPlan', { what, next: `give the plan of ${project}` });
  }
  if (plan.release !== release) {
    const [planned, actual] = [plan.release, release].map((digest) => digest.slice(0, 12));
    const what = `The plan is for release ${planned}, and the assembly is release ${actual}`;
    throw new Failure('OtherPlan', { what, next: `deploy what was planned, or ${AGAIN}` });
  }
  const planned = new Set(plan.stacks.map(({ id }) => id));
  const missing = stacks.find((id) => !planned.has(id));
  if (missing !== undefined && named) {
    const next = `leave it out (--exclusively leaves out dependencies), or ${AGAIN}`;
    throw new Failure('OtherPlan', { subject: missing, what: 'it is not in the plan', next });
  }
  const both = assembly.stacks.map(({ id }) => id).filter((id) => stacks.includes(id) && planned.has(id));
  if (both.length === 0 && stacks.length > 0) {
    const what = `The plan holds none of these stacks, ${missing} for one`;
    throw new Failure('OtherPlan', { what, next: `give the plan that is for them, or ${AGAIN}` });
  }
  return both;
}

/** What a deployment does by a plan. */
export interface PlannedDeployment {
  /** Ids of the stacks to deploy: those that the plan and the run have in common. */
  readonly stacks: readonly string[];
  /** In which each stack is deployed. */
  readonly deploymentMode: (stackId: string) => DeploymentMode;
  /** Whether it brings back what drifted. */
  readonly revertDrift: boolean;
  /** What the plan says of these stacks. */
  readonly planned: readonly PlannedStack[];
  /** Lets the deployment do what was planned, and nothing else. */
  readonly gate: DeployGate;
  /** What it deletes in the targets of these stacks; undefined if it was not made to delete anything. */
  readonly deletions?: readonly PlannedDeletion[];
  /** Of the plan's file; see `planDigest`. */
  readonly digest: string;
}

/**
 * Reads a plan, and compares it with this deployment: everything but the state of the stacks.
 *
 * @param aws asked for if all is well so far
 * @throws Failure `NoPlan`, `OtherPlan`, `BadOption` if the approved digest is none, and `PlanMoved` if another
 * template, parameters, tags or roles are wanted
 */
export async function openPlan(
  file: string,
  run: PlannedRun,
  aws: () => Promise<AwsClients>,
): Promise<PlannedDeployment> {
  const { plan, digest } = await readPlan(file);
  requireApproved(file, digest, run.approved);
  const stacks = plannedStacks(plan, run);
  const planned = new Map(plan.stacks.map((stack) => [stack.id, stack]));
  const deploymentMode = (id: string) => planned.get(id)?.deploymentMode ?? 'standard';
  requireMode(stacks, deploymentMode, run.express);
  const { revertsDrift: revertDrift = false } = plan;
  if (run.revertDrift === true && !revertDrift) {
    const next = `leave --revertDrift out, or plan again with --revertDrift, and have that reviewed`;
    throw new Failure('OtherPlan', { what: `The plan ${file} was made without --revertDrift`, next });
  }
  const clients = await aws();
  await requireWanted(planned, run, stacks, clients);
  const deletions = plan.deletions && (await deletionsIn(plan.deletions, { ...run, stacks }, { aws: clients }));
  const ours = stacks.map((id) => planned.get(id)!);
  return {
    stacks,
    planned: ours,
    deploymentMode,
    revertDrift,
    gate: planGate(planned),
    ...(deletions && { deletions }),
    digest,
  };
}

/** @throws Failure `OtherPlan` if another mode is asked for than was planned */
function requireMode(
  stacks: readonly string[],
  planned: (id: string) => DeploymentMode,
  express: boolean | undefined,
): void {
  if (express === undefined) return;
  const subject = stacks.find((id) => (planned(id) === 'express') !== express);
  if (subject === undefined) return;
  const what = `the plan deploys it in ${planned(subject)} mode`;
  throw new Failure('OtherPlan', { subject, what, next: `leave --express out, or ${AGAIN}` });
}

/** @throws Failure `BadOption`, `OtherPlan` */
function requireApproved(file: string, digest: string, approved: string | undefined): void {
  if (approved === undefined || approved === digest) return;
  if (!/^[0-9a-f]{64}$/.test(approved)) {
    const next = 'it has 64 hexadecimal digits, and nx plan says which';
    throw new Failure('BadOption', { what: `--planDigest is "${approved}", which is no digest of a plan`, next });
  }
  const what = `The plan ${file} has the digest ${digest}, and ${approved} was approved: nothing is deployed`;
  throw new Failure('OtherPlan', { what, next: 'give the plan that was approved, or have this one approved' });
}

async function requireWanted(
  planned: ReadonlyMap<string, PlannedStack>,
  { assembly, parameters = new GivenParameters([], []) }: PlannedRun,
  stacks: readonly string[],
  aws: AwsClients,
): Promise<void> {
  for (const stack of assembly.stacks.filter(({ id }) => stacks.includes(id))) {
    const desired = await readDesired(await resolveStack(stack, aws), parameters);
    const plan = planned.get(stack.id)!;
    const next = `give the parameters that the plan was made with, or ${AGAIN}`;
    const moved = (what: string) => new Failure('PlanMoved', { subject: stack.id, what, next });
    if (desired.digest !== plan.desired) throw moved('what is wanted of it is not what was planned');
    if ((await secretsDigest(desired)) === plan.secrets) continue;
    throw moved('its secret parameters are not given the values that they had when it was planned');
  }
}

function planGate(plan: ReadonlyMap<string, PlannedStack>): DeployGate {
  /** @throws Failure `NotPlanned` */
  const requireProtection = (subject: string, enabled: boolean | undefined): void => {
    if (enabled === undefined || plan.get(subject)?.terminationProtection === enabled) return;
    const what = `its termination protection would be ${enabled ? 'enabled' : 'disabled'}, which the plan does not do`;
    throw new Failure('NotPlanned', { subject, what, next: AGAIN });
  };
  /** @throws Failure `PlanMoved` if a stack is not what it was when it was planned */
  const requireBasis = async (state: StackState): Promise<PlannedStack> => {
    const { stack, targetName } = state.desired.resolved;
    const { id: subject } = stack;
    const planned = plan.get(subject);
    if (planned === undefined) throw new Failure('PlanMoved', { subject, what: 'it is not in the plan', next: AGAIN });
    const moved = await movedSince(planned, state);
    if (moved === undefined) {
      requireProtection(subject, protectionToSet(state.desired.resolved, state.current));
      return planned;
    }
    const what = `its stack in ${targetName} has moved since it was planned: ${moved}`;
    throw new Failure('PlanMoved', { subject, what, next: AGAIN });
  };
  return {
    check: async (pending) => {
      for (const state of pending) await requireBasis(state);
    },
    admit: async (state, { stackId, changes }) => {
      // Looked at once more: what was looked at first may be half a minute old, and the stacks before this one may have
      // taken an hour.
      const current = await state.cloudFormation.describe(stackId);
      const what = beyondPlan(await requireBasis({ ...state, current }), changes);
      if (what === undefined) return;
      throw new Failure('NotPlanned', { subject: state.desired.resolved.stack.id, what, next: AGAIN });
    },
    admitProtection: async ({ stack }, enabled) => requireProtection(stack.id, enabled),
  };
}
