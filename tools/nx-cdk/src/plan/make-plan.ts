import type { StackDependencies } from '../deploy/index.ts';
import { PLAN_FORMAT, type PlannedStack } from './model.ts';
import { preview } from './preview.ts';
import type { PlanReport, PlanRequest } from './request.ts';
import { summaryOf } from './wording.ts';

/**
 * Makes a plan: a preview of every stack, for one release. There is none if a stack cannot be planned.
 *
 * @throws Failure for a request that makes no sense, as `deploy` does
 */
export async function makePlan(request: PlanRequest, dependencies: StackDependencies): Promise<PlanReport> {
  const summarize = (planned: readonly PlannedStack[], { length }: readonly unknown[]) =>
    planned.length === length
      ? summaryOf(planned)
      : `no plan: ${length - planned.length} of ${length} stacks have none`;
  const options = { action: 'plan', complete: true, summarize };
  const { report, planned } = await preview(request, dependencies, options);
  const { project, release } = request;
  const success = report.success && !report.interrupted;
  return {
    success,
    milliseconds: report.milliseconds,
    failures: report.stacks.flatMap(({ id, outcome, failure, notes }) =>
      outcome === 'skipped' ? `${id}: ${notes.join('; ')}` : (failure?.message ?? []),
    ),
    ...(success && { plan: { format: PLAN_FORMAT, project, release, stacks: planned } }),
  };
}
