import type { Assembly } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import {
  type DeployGate,
  type PendingStack,
  systemClock,
  CloudFormation,
  type DescribedStack,
  desire,
  GivenParameters,
  resolveStack,
  readTemplate,
  summarize,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { beyondPlan } from './admission.ts';
import { movedSince } from './basis.ts';
import type { Plan, PlannedStack } from './model.ts';
import { readPlan } from './plan-file.ts';

/** The deployment that a plan is for. */
export interface PlannedRun {
  readonly project: string;
  /** Digest of the release that the assembly is. */
  readonly release: string;
  readonly assembly: Assembly;
  /** Ids of the stacks in the run's scope. */
  readonly stacks: readonly string[];
  /** Whether somebody has named these very stacks: then none of them may be missing in the plan. */
  readonly named: boolean;
  readonly parameters: readonly string[];
}

/** What to do about a plan that does not hold any more. */
const AGAIN = 'plan again, and have that reviewed';

/**
 * The stacks that a plan and a run have in common, in the order of the assembly.
 *
 * @throws Failure `OtherPlan` where the plan is for another project or release, or for other stacks
 */
export function plannedStacks(plan: Plan, { project, release, assembly, stacks, named }: PlannedRun): string[] {
  if (plan.project !== project) {
    throw new Failure('OtherPlan', `The plan is for ${plan.project}, not for ${project}: give the plan of ${project}.`);
  }
  if (plan.release !== release) {
    throw new Failure(
      'OtherPlan',
      `The plan is for release ${short(plan.release)}, and the assembly is release ${short(release)}: deploy what was planned, or ${AGAIN}.`,
    );
  }
  const planned = new Set(plan.stacks.map(({ id }) => id));
  const missing = stacks.find((id) => !planned.has(id));
  if (missing !== undefined && named) {
    throw new Failure(
      'OtherPlan',
      `${missing}: it is not in the plan: leave it out (--exclusively leaves out dependencies), or ${AGAIN}.`,
    );
  }
  const wanted = new Set(stacks);
  const both = assembly.stacks.map(({ id }) => id).filter((id) => wanted.has(id) && planned.has(id));
  if (both.length === 0 && stacks.length > 0) {
    throw new Failure(
      'OtherPlan',
      `The plan holds none of these stacks, ${missing} for one: it is for others, or ${AGAIN}.`,
    );
  }
  return both;
}

/** What a deployment does by a plan. */
export interface PlannedDeployment {
  /** Ids of the stacks to deploy: those that the plan and the run have in common. */
  readonly stacks: readonly string[];
  /** Lets the deployment do what was planned, and nothing else. */
  readonly gate: DeployGate;
  /** Of the plan's file; see `planDigest`. */
  readonly digest: string;
}

/**
 * Reads a plan, and sees that it is one for this deployment: everything that can be told without a look at the stacks.
 *
 * @param aws asked for where all is well so far
 * @throws Failure `NoPlan`, `OtherPlan`, and `PlanMoved` where a stack would be given another template, other
 * parameters, tags or roles than planned
 */
export async function openPlan(
  file: string,
  run: PlannedRun,
  aws: () => Promise<AwsClients>,
): Promise<PlannedDeployment> {
  const { plan, digest } = await readPlan(file);
  const stacks = plannedStacks(plan, run);
  return { stacks, gate: await planGate(plan, run, stacks, await aws()), digest };
}

async function planGate(plan: Plan, run: PlannedRun, stacks: readonly string[], aws: AwsClients): Promise<DeployGate> {
  const byId = new Map(plan.stacks.map((stack) => [stack.id, stack]));
  const wanted = new Set(stacks);
  const given = new GivenParameters(run.parameters, run.assembly.stacks);
  for (const stack of run.assembly.stacks.filter(({ id }) => wanted.has(id))) {
    const target = await resolveStack(stack, aws);
    const template = await summarize(stack.id, stack.templateFile);
    const { digest } = desire(target, template, given.forStack(stack, template));
    if (digest === byId.get(stack.id)!.desired) continue;
    throw new Failure(
      'PlanMoved',
      `${stack.id}: what is wanted of it is not what was planned: give the parameters that the plan was made with, or ${AGAIN}`,
    );
  }
  return new PlanGate(byId, aws);
}

class PlanGate implements DeployGate {
  readonly #planned: ReadonlyMap<string, PlannedStack>;
  readonly #aws: AwsClients;

  constructor(planned: ReadonlyMap<string, PlannedStack>, aws: AwsClients) {
    this.#planned = planned;
    this.#aws = aws;
  }

  async check(pending: readonly PendingStack[]): Promise<void> {
    for (const stack of pending) await this.#requireBasis(stack);
  }

  async admit(stack: PendingStack, changeSet: Parameters<NonNullable<DeployGate['admit']>>[1]): Promise<void> {
    const { id } = stack.desired.resolved.stack;
    // Looked at once more: what was looked at first may be half a minute old, and the stacks before this one may have
    // taken an hour.
    const current = await this.#cloudFormation(stack).describe(changeSet.stackId);
    const planned = await this.#requireBasis({ ...stack, current });
    const beyond = beyondPlan(planned, changeSet.changes);
    if (beyond !== undefined) throw new Failure('NotPlanned', `${id}: ${beyond}: ${AGAIN}`);
  }

  /** @throws Failure `PlanMoved` where a stack is not what it was when it was planned */
  async #requireBasis(stack: PendingStack): Promise<PlannedStack> {
    const { resolved } = stack.desired;
    const { id, templateFile } = resolved.stack;
    const planned = this.#planned.get(id);
    if (planned === undefined) throw new Failure('PlanMoved', `${id}: it is not in the plan: ${AGAIN}`);
    const moved = await movedSince(planned, stack, {
      template: (current: DescribedStack) => this.#cloudFormation(stack).originalTemplate(current.id),
      wanted: () => readTemplate(id, templateFile),
    });
    if (moved === undefined) return planned;
    throw new Failure(
      'PlanMoved',
      `${id}: its stack in ${resolved.targetName} has moved since it was planned: ${moved}: ${AGAIN}`,
    );
  }

  #cloudFormation({ desired }: PendingStack): CloudFormation {
    return new CloudFormation(this.#aws, desired.resolved.session, systemClock);
  }
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
