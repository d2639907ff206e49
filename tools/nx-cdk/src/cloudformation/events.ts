import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack } from '../assembly/index.ts';
import type { CloudFormation } from './client.ts';
import type { FailureCause } from './changes.ts';

/** Enough for any stack: a page holds about a hundred events, a stack at most 500 resources. */
const MAXIMUM_PAGES = 30;
const MAXIMUM_DEPTH = 5;

/** Resources that only failed because another one had. */
const CANCELLED = /cancelled|canceled/i;

/** Which events belong to an operation. */
export interface Operation {
  /** The token it was started with; all its events carry it. */
  readonly token: string;
  /**
   * When it was started, in milliseconds since the epoch; used for nested stacks, whose events need not carry the
   * token.
   */
  readonly startedAt: number;
}

/**
 * The resources that failed in an operation, the first one first: that is the root cause, what failed after it was
 * mostly cancelled, or could not be rolled back. A failed nested stack is replaced by what failed inside it.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
 */
export async function findCauses(
  cloudFormation: CloudFormation,
  stackId: string,
  operation: Operation,
  stack: AssemblyStack,
  depth = 0,
): Promise<FailureCause[]> {
  const failed = await failedEvents(cloudFormation, stackId, operation, depth);
  const ofResources = failed.filter((event) => event.PhysicalResourceId !== stackId);
  const real = ofResources.filter((event) => !CANCELLED.test(event.ResourceStatusReason ?? ''));
  // Some failures are the stack's own: a template that cannot be worked out, a validation before the first resource.
  const chosen = real.length > 0 ? real : failed.filter((event) => event.ResourceStatusReason);

  const causes: FailureCause[] = [];
  const seen = new Set<string>();
  for (const event of chosen) {
    const key = `${event.LogicalResourceId} ${event.ResourceStatus}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const nestedId = event.ResourceType === 'AWS::CloudFormation::Stack' ? event.PhysicalResourceId : undefined;
    const inside =
      nestedId && nestedId !== stackId && depth < MAXIMUM_DEPTH
        ? await findCauses(cloudFormation, nestedId, operation, stack, depth + 1).catch(() => [])
        : [];
    causes.push(...inside, toCause(event, stack, depth));
  }
  return causes;
}

async function failedEvents(
  cloudFormation: CloudFormation,
  stackId: string,
  operation: Operation,
  depth: number,
): Promise<StackEvent[]> {
  const failed: StackEvent[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const { events, next } = await cloudFormation.events(stackId, token);
    for (const event of events) {
      if (isFailure(event) && belongs(event, operation, depth)) failed.push(event);
    }
    const oldest = events.at(-1)?.Timestamp?.getTime() ?? 0;
    // A minute of slack: clocks of CloudFormation and of this machine differ, and the token decides where there is one.
    if (!next || oldest < operation.startedAt - 60_000) break;
    token = next;
  }
  return failed.reverse();
}

function isFailure(event: StackEvent): boolean {
  return (
    Boolean(event.ResourceStatus?.endsWith('_FAILED')) ||
    event.HookStatus === 'HOOK_COMPLETE_FAILED' ||
    event.HookStatus === 'HOOK_FAILED'
  );
}

function belongs(event: StackEvent, { token, startedAt }: Operation, depth: number): boolean {
  if (event.ClientRequestToken && depth === 0) return event.ClientRequestToken === token;
  return (event.Timestamp?.getTime() ?? 0) >= startedAt - 1000;
}

function toCause(event: StackEvent, stack: AssemblyStack, depth: number): FailureCause {
  const logicalId = event.LogicalResourceId ?? '';
  // Logical ids of nested stacks are unique only in their own template.
  const origin = depth === 0 ? stack.resources.get(logicalId) : undefined;
  return {
    logicalId,
    resourceType: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.HookStatusReason ?? event.ResourceStatusReason ?? 'no reason given',
    ...(origin?.constructPath && { constructPath: origin.constructPath }),
    ...(origin?.source && { source: origin.source }),
  };
}
