import { systemClock } from '../cloudformation/index.ts';
import type { DeployRequest, LeftBehindReport, StackDependencies } from '../deploy/index.ts';
import type { DriftReport } from '../drift/index.ts';
import type { ReportedFailure } from '../failure/index.ts';
import type { Deletions } from './deletions.ts';
import { withDrift } from './drift.ts';
import type { RunEnd } from '../progress/index.ts';
import { type Plan, PLAN_FORMAT, type PlannedStack } from './model.ts';
import { preview } from './preview.ts';
import { dayOf, type Judgement, judge, type WorkspaceRules } from './rules.ts';
import { summaryOf } from './wording.ts';

/** What a plan is asked for: what a deployment would do by default. */
export interface PlanRequest
  extends Omit<DeployRequest, 'force' | 'release' | 'rollback'>, Pick<Plan, 'project' | 'release'> {
  /** What was found that can be deleted. @default - the plan deletes nothing */
  readonly deletions?: Deletions;
  /** What has drifted. @default - nobody has looked */
  readonly drift?: DriftReport;
  /** @default - nothing is refused */
  readonly rules?: readonly WorkspaceRules[];
}

/** How planning ended. Plain data. */
interface PlanReport extends Pick<RunEnd, 'success' | 'milliseconds'> {
  /** One sentence for each stack that could not be planned. */
  readonly failures: readonly string[];
  /** Absent if a stack could not be planned. */
  readonly plan?: Plan;
  /** A sentence for each exception for these stacks that nothing needed. Absent without a plan. */
  readonly unused?: readonly string[];
  /** Why the plan may not be deployed. Absent if it may. */
  readonly refusal?: ReportedFailure;
  /** Absent if nobody is known to own the stacks. */
  readonly leftBehind?: LeftBehindReport;
}

/**
 * Makes a plan: a preview of every stack, for one release. There is none if a stack cannot be planned. What the rules
 * of the workspace say is part of it; `success` is false if they refuse anything.
 *
 * @throws Failure for a request that makes no sense, as `deploy` does
 */
export async function makePlan(request: PlanRequest, dependencies: StackDependencies): Promise<PlanReport> {
  const { project, release, deletions, revertDrift, drift } = request;
  const { report, planned, unclear } = await preview(request, dependencies, 'plan', (found, { length }) => {
    for (const { message: text } of found.unclear) dependencies.listener({ type: 'message', level: 'error', text });
    const missing = length - found.planned.length;
    if (missing > 0) return [`no plan: ${missing} of ${length} stacks have none`, false];
    const stacks = found.planned.map((stack) => withDrift(stack, drift));
    return [summaryOf(stacks, deletions?.deletions), dependencies.signal?.aborted !== true];
  });
  const { success, milliseconds } = report;
  const failures = report.stacks.flatMap(({ id, outcome, failure, notes }) =>
    outcome === 'skipped' ? `${id}: ${notes.join('; ')}` : (failure?.message ?? []),
  );
  failures.push(...unclear.map(({ message }) => message));
  const { leftBehind } = report;
  // Those that are deleted are not left behind any more.
  const left = deletions === undefined ? (leftBehind?.stacks ?? []) : deletions.kept;
  const { unused, refusal, ...verdict } = judged(request, planned, dependencies);
  const plan: Plan = {
    format: PLAN_FORMAT,
    project,
    release,
    stacks: planned.map((stack) => withDrift(stack, drift)),
    ...(revertDrift && { revertsDrift: true }),
    ...(left.length > 0 && { leftBehind: left }),
    ...(deletions && { deletions: deletions.deletions }),
    ...(verdict.refused.length + verdict.accepted.length > 0 && { verdict }),
  };
  if (!success) return { success, milliseconds, failures, ...(leftBehind && { leftBehind }) };
  if (refusal !== undefined) failures.push(refusal.message);
  const found = { plan, unused, ...(refusal && { refusal: refusal.reported }), ...(leftBehind && { leftBehind }) };
  return { success: refusal === undefined, milliseconds, failures, ...found };
}

function judged(
  { rules = [], deletions }: PlanRequest,
  planned: readonly PlannedStack[],
  { clock = systemClock }: StackDependencies,
): Judgement {
  return judge(planned, deletions?.deletions ?? [], rules, dayOf(clock.now()));
}
