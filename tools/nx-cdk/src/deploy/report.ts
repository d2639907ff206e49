import type { ItemFinished } from '../progress/index.ts';
import { explain } from '../aws/index.ts';
import { type Changes, StackFailed } from '../cloudformation/index.ts';
import type { StackFailure, StackOutcome, StackReport } from './request.ts';

/**
 * What a stack's failure looks like in the report. Errors of AWS calls are worded by the room that made the call.
 *
 * @param stackIds of the run: what is wrong with one of them may stop another
 */
export function describeFailure(stackId: string, error: unknown, stackIds: Iterable<string> = [stackId]): StackFailure {
  const { code, message } = explain(error);
  // Sentences about a stack begin with it; one about credentials or a role does not know which stack it stopped.
  const known = [...stackIds].some((id) => message.startsWith(`${id}: `));
  const named = known ? message : `${stackId}: ${message}`;
  return { code, message: named, causes: error instanceof StackFailed ? error.causes : [] };
}

/** Where an error came from, for those who debug: the first error of a chain is the one that knows. */
export function traceOf(error: unknown): string {
  const { stack, cause } = explain(error);
  return (cause instanceof Error ? cause.stack : undefined) ?? stack ?? String(error);
}

/** The last event of a stack. */
export function finished(report: StackReport, milliseconds: number): ItemFinished {
  const failure = report.failure;
  const notes = report.notes.join('; ');
  const detail = failure ? failure.message : [describeChanges(report.changes), notes].filter(Boolean).join('; ');
  return {
    type: 'item-finished',
    id: report.id,
    outcome: report.outcome,
    ...(detail && { detail }),
    ...(report.outcome === 'planned' && { lines: report.changes.resources.map(changeLine) }),
    ...(failure && failure.causes.length > 0 && { lines: failure.causes.map(causeLine) }),
    milliseconds,
  };
}

/** `4 stacks: 1 updated, 3 unchanged` */
export function summarizeOutcomes(reports: readonly StackReport[]): string {
  const order: StackOutcome[] = ['created', 'updated', 'planned', 'unchanged', 'failed', 'skipped'];
  const counts = order
    .map((outcome) => [reports.filter((report) => report.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`);
  return `${reports.length} ${reports.length === 1 ? 'stack' : 'stacks'}: ${counts.join(', ') || 'nothing to do'}`;
}

function describeChanges({ added, modified, removed, replaced }: Changes): string {
  const parts = [
    added && `${added} added`,
    modified && `${modified} modified${replaced ? ` (${replaced} replaced)` : ''}`,
    removed && `${removed} removed`,
  ];
  return parts.filter(Boolean).join(', ');
}

function changeLine({
  action,
  logicalId,
  resourceType,
  replacement,
  constructPath,
}: Changes['resources'][number]): string {
  const suffix = replacement === 'always' ? ', replaced' : replacement === 'maybe' ? ', may be replaced' : '';
  return `${action} ${resourceType} ${constructPath ?? logicalId}${suffix}`;
}

function causeLine({
  logicalId,
  resourceType,
  status,
  reason,
  constructPath,
  source,
}: StackFailure['causes'][number]): string {
  const where = [constructPath, source].filter(Boolean).join(', ');
  return `${status} ${resourceType} ${logicalId}${where ? ` (${where})` : ''}: ${reason}`;
}
