import type { DeployRequest, LeftBehindReport, StackDependencies } from '../deploy/index.ts';
import type { DriftReport } from '../drift/index.ts';
import type { Deletions } from './deletions.ts';
import { withDrift } from './drift.ts';
import type { RunEnd } from '../progress/index.ts';
import { type Plan, PLAN_FORMAT } from './model.ts';
import { preview } from './preview.ts';
import { summaryOf } from './wording.ts';

/** What a plan is asked for: what a deployment would do by default. */
export interface PlanRequest extends Omit<DeployRequest, 'force' | 'rollback'>, Pick<Plan, 'project' | 'release'> {
  /** What was found that can be deleted. @default - the plan deletes nothing */
  readonly deletions?: Deletions;
  /** What has drifted. @default - nobody has looked */
  readonly drift?: DriftReport;
}

/** How planning ended. Plain data. */
interface PlanReport extends Pick<RunEnd, 'success' | 'milliseconds'> {
  /** One sentence for each stack that could not be planned. */
  readonly failures: readonly string[];
  /** Absent if a stack could not be planned. */
  readonly plan?: Plan;
  /** Absent if nobody is known to own the stacks. */
  readonly leftBehind?: LeftBehindReport;
}

/**
 * Makes a plan: a preview of every stack, for one release. There is none if a stack cannot be planned.
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
  const plan: Plan = {
    format: PLAN_FORMAT,
    project,
    release,
    stacks: planned.map((stack) => withDrift(stack, drift)),
    ...(revertDrift && { revertsDrift: true }),
    ...(left.length > 0 && { leftBehind: left }),
    ...(deletions && { deletions: deletions.deletions }),
  };
  return { success, milliseconds, failures, ...(success && { plan }), ...(leftBehind && { leftBehind }) };
}
