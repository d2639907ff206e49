import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack } from '../assembly/index.ts';
import type { ItemPart } from '../progress/index.ts';
import type { CloudFormation, StackOperation } from './client.ts';

/** Enough for a stack of 500 resources that is created and rolled back: a page holds about a hundred events. */
const MAXIMUM_PAGES = 20;

/**
 * When each resource of a stack was worked on in an operation that has ended: a part for each thing that was done to
 * it, so that a resource that was created and deleted again by the rollback has two. Times count from the first event
 * of the operation, by CloudFormation's clock. Resources of nested stacks are parts of their nested stack.
 */
export async function readTimeline(
  cloudFormation: CloudFormation,
  operation: StackOperation,
  { resources }: Pick<AssemblyStack, 'resources'>,
): Promise<ItemPart[]> {
  const events = (await eventsOf(cloudFormation, operation)).reverse();
  const began = timeOf(events[0]);
  const own = events.filter(({ PhysicalResourceId }) => PhysicalResourceId !== operation.stackId);
  const works = Map.groupBy(own, (event) => `${event.LogicalResourceId} ${verbOf(event)}`);
  return [...works.values()]
    .map((work) => partOf(work, began, resources))
    .toSorted((a, b) => a.startedAt - b.startedAt);
}

/** The events of an operation, newest first. */
async function eventsOf(cloudFormation: CloudFormation, { stackId, token }: StackOperation): Promise<StackEvent[]> {
  const ours: StackEvent[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const { events, next: following } = await cloudFormation.events(stackId, next);
    ours.push(...events.filter(({ ClientRequestToken }) => ClientRequestToken === token));
    next = following;
    // What is older than the first event of the operation is of operations before.
    if (next === undefined || events.at(-1)?.ClientRequestToken !== token) break;
  }
  return ours;
}

/** `CREATE` of `CREATE_IN_PROGRESS` */
function verbOf({ ResourceStatus: status }: StackEvent): string | undefined {
  return status?.split('_')[0];
}

function timeOf(event: StackEvent | undefined): number {
  return event?.Timestamp?.getTime() ?? 0;
}

function partOf(work: readonly StackEvent[], began: number, resources: AssemblyStack['resources']): ItemPart {
  const first = work[0]!;
  const last = work.at(-1)!;
  const { LogicalResourceId: name = '', ResourceType: kind = '' } = first;
  const failed = work.find(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  const constructPath = resources.get(name)?.constructPath;
  return {
    name,
    kind,
    ...(constructPath !== undefined && { constructPath }),
    startedAt: timeOf(first) - began,
    milliseconds: timeOf(last) - timeOf(first),
    status: last.ResourceStatus ?? '',
    ...(failed?.ResourceStatusReason !== undefined && { reason: failed.ResourceStatusReason }),
  };
}
