import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack } from '../assembly/index.ts';
import type { CloudFormation } from './client.ts';
import type { Listener } from '../progress/index.ts';
import type { FailureCause } from './stack-failed.ts';

/** Milliseconds before the first look at events; most small stacks are done before it, which then costs no request. */
const FIRST_LOOK = 2000;
const DELAYS = [2500, 3000, 4000, 5000];

/** Enough for any stack: a page holds about a hundred events, a stack at most 500 resources. */
const MAXIMUM_PAGES = 30;
const MAXIMUM_DEPTH = 5;

/** Resources that only failed because another one had. */
const CANCELLED = /cancelled|canceled/i;

/** An operation of CloudFormation that was started on a stack. */
export interface StackOperation {
  readonly stackId: string;
  /** The token it was started with. All its events carry it, except those of nested stacks. */
  readonly token: string;
  /** In milliseconds since the epoch. */
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
  operation: StackOperation,
  stack: AssemblyStack,
  depth = 0,
): Promise<FailureCause[]> {
  const { stackId } = operation;
  const failed = await failedEvents(cloudFormation, operation, depth);
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
        ? await findCauses(cloudFormation, { ...operation, stackId: nestedId }, stack, depth + 1).catch(() => [])
        : [];
    causes.push(...inside, toCause(event, stack, depth));
  }
  return causes;
}

async function failedEvents(
  cloudFormation: CloudFormation,
  operation: StackOperation,
  depth: number,
): Promise<StackEvent[]> {
  const failed: StackEvent[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const { events, next } = await cloudFormation.events(operation.stackId, token);
    for (const event of events) {
      if (isFailure(event) && belongs(event, operation, depth)) failed.push(event);
    }
    const oldest = events.at(-1)?.Timestamp?.getTime() ?? 0;
    // A minute of slack: clocks of CloudFormation and of this machine differ, and if there is a token, it decides.
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

function belongs(event: StackEvent, { token, startedAt }: StackOperation, depth: number): boolean {
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

/**
 * Tells what the resources of a running operation are doing, until the signal fires. Only for the display: an error
 * ends it silently, and the operation is followed by a `Watch`.
 *
 * @param item of the display, and how many resources take part
 */
export async function reportEvents(
  cloudFormation: CloudFormation,
  listener: Listener,
  operation: StackOperation,
  item: { readonly id: string; readonly total: number },
  signal: AbortSignal,
): Promise<void> {
  const { clock } = cloudFormation;
  const done = new Set<string>();
  try {
    await clock.sleep(FIRST_LOOK, signal);
    for (let look = 0; !signal.aborted; look += 1) {
      const { events } = await cloudFormation.events(operation.stackId);
      if (signal.aborted) return;
      const own = events.filter(
        (event) => event.ClientRequestToken === operation.token && event.PhysicalResourceId !== operation.stackId,
      );
      for (const event of own)
        if (/^[A-Z]+_COMPLETE$/.test(event.ResourceStatus ?? '')) done.add(event.LogicalResourceId ?? '');
      const latest = own[0];
      if (latest) {
        listener({
          type: 'item-progress',
          id: item.id,
          step: `${latest.ResourceType} ${latest.LogicalResourceId} ${latest.ResourceStatus}`,
          done: Math.min(done.size, item.total),
          total: item.total,
        });
      }
      await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!, signal);
    }
  } catch {
    // The display stays as it was.
  }
}
