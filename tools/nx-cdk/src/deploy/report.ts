import { explain } from '../aws/index.ts';
import { type Changes, type FailureCause, NO_CHANGES, Skipped, StackFailed } from '../cloudformation/index.ts';
import type { ItemEnd, Listener } from '../progress/index.ts';
import { describeOutputs } from './output-changes.ts';
import type { StackFailure, StackReport, StackResult } from './request.ts';

const NOTHING = { notes: [], changes: NO_CHANGES, outputs: {} };

/** The result of a stack that was not deployed. */
export function skippedStack(why: string): StackResult {
  return { ...NOTHING, outcome: 'skipped', notes: [why] };
}

/** The result of a stack whose work threw. The stack trace goes to the debug output. */
export function failedStack(id: string, error: unknown, listener: Listener): StackResult {
  if (error instanceof Skipped) return skippedStack(error.message);
  listener({ type: 'message', level: 'debug', id, text: traceOf(error) });
  return { ...NOTHING, outcome: 'failed', failure: failureOf(id, error) };
}

/** A stack's failure as reports hold it. A failure that has a subject keeps it, such as a stack that a gate refused. */
export function failureOf(stackId: string, error: unknown): StackFailure {
  const failure = explain(error);
  const { reported } = failure.subject === undefined ? failure.of(stackId) : failure;
  return { ...reported, causes: error instanceof StackFailed ? error.causes : [] };
}

/** The stack trace of the cause, if there is one. */
function traceOf(error: unknown): string {
  const { stack, cause } = explain(error);
  return (cause instanceof Error ? cause.stack : undefined) ?? stack ?? String(error);
}

/**
 * The outputs of all stacks by stack name, as `cdk deploy --outputs-file` writes them. Stacks of one name in several
 * targets would take each other's place there; here each of them has its id instead.
 */
export function outputsOf(
  stacks: readonly Pick<StackReport, 'id' | 'stackName' | 'outputs'>[],
): Record<string, StackResult['outputs']> {
  const named = Map.groupBy(stacks, ({ stackName }) => stackName);
  return Object.fromEntries(
    stacks.map(({ id, stackName, outputs }) => [named.get(stackName)!.length > 1 ? id : stackName, outputs]),
  );
}

/** How the display shows the result of a stack. */
export function endOf({ outcome, failure, changes, outputChanges, notes }: StackResult): ItemEnd {
  if (failure) return failedEnd(failure);
  return {
    outcome,
    detail: [describeChanges(changes) || describeOutputs(outputChanges), ...notes].filter(Boolean).join('; '),
  };
}

/** How the display shows a stack that failed. */
export function failedEnd({ causes, ...failure }: StackFailure): ItemEnd {
  return { outcome: 'failed', detail: failure.message, lines: causes.map(causeLine), failure };
}

function describeChanges({ added, modified, removed, replaced }: Changes): string {
  const parts = [
    added && `${added} added`,
    modified && `${modified} modified${replaced ? ` (${replaced} replaced)` : ''}`,
    removed && `${removed} removed`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** `CREATE_FAILED AWS::SQS::Queue Queue (Data/Queue/Resource, stack.ts:14): it is taken` */
function causeLine({ logicalId, resourceType, status, reason, constructPath, source }: FailureCause): string {
  const where = [constructPath, source].filter(Boolean).join(', ');
  return `${status} ${resourceType} ${logicalId}${where ? ` (${where})` : ''}: ${reason}`;
}
