import type { StackDependencies } from '../deploy/index.ts';
import { PLAN_FORMAT } from './model.ts';
import { preview } from './preview.ts';
import type { PlanReport, PlanRequest } from './request.ts';
import { summaryOf } from './wording.ts';

/**
 * Makes a plan: a preview of every stack, for one release. There is none if a stack cannot be planned.
 *
 * @throws Failure for a request that makes no sense, as `deploy` does
 */
export async function makePlan(request: PlanRequest, dependencies: StackDependencies): Promise<PlanReport> {
  const { project, release } = request;
  const { report, planned, unclear } = await preview(request, dependencies, 'plan', (found, { length }) => {
    for (const { message: text } of found.unclear) dependencies.listener({ type: 'message', level: 'error', text });
    const missing = length - found.planned.length;
    if (missing > 0) return [`no plan: ${missing} of ${length} stacks have none`, false];
    return [summaryOf(found.planned), dependencies.signal?.aborted !== true];
  });
  const failures = report.stacks.flatMap(({ id, outcome, failure, notes }) =>
    outcome === 'skipped' ? `${id}: ${notes.join('; ')}` : (failure?.message ?? []),
  );
  return {
    success: report.success,
    milliseconds: report.milliseconds,
    failures: [...failures, ...unclear.map(({ message }) => message)],
    ...(report.success && { plan: { format: PLAN_FORMAT, project, release, stacks: planned } }),
  };
}
