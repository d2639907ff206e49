import type { AwsClients } from '../aws/index.ts';
import {
  CloudFormation,
  type Clock,
  type DescribedStack,
  isInProgress,
  isOwnedBy,
  madeLastOperation,
  parseChangeSetName,
} from '../cloudformation/index.ts';
import type { HistoryPlace } from './places.ts';

/** A stack of the app, and which release it has. Plain data. */
export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  /**
   * `done`: the release has made it what it is. `unfinished`: it was begun, and is running, failed or rolled back.
   * `unknown`: somebody has worked on it since, or what deployed it named no release.
   */
  readonly state: 'done' | 'unfinished' | 'unknown';
  /** The first 16 digits of the release that a deployment brought to it last; absent if nobody knows. */
  readonly release?: string;
  /** When that deployment began, in milliseconds since the epoch. */
  readonly deployedAt: number;
}

/** What is deployed in a target. */
export interface DeployedTarget {
  readonly place: HistoryPlace;
  /** By their names. */
  readonly stacks: readonly DeployedStack[];
}

/** Statuses after which a stack is what its last change set says. */
export const DONE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'];

/**
 * What is deployed of an app in a target, by the names of change sets: one request for each page of stacks.
 *
 * A stack that a release leaves unchanged keeps the name of the change set before, and so the older release.
 *
 * @param owner id of the app
 */
export async function readDeployed(
  place: HistoryPlace,
  owner: string,
  { aws, clock }: { readonly aws: AwsClients; readonly clock: Clock },
): Promise<DeployedTarget> {
  const cloudFormation = new CloudFormation(aws, place.session, clock);
  const stacks = await cloudFormation.describeAll((stack) => isOwnedBy(stack, { id: owner }));
  return { place, stacks: stacks.map(deployedStack).sort((a, b) => (a.stackName < b.stackName ? -1 : 1)) };
}

function deployedStack(stack: DescribedStack): DeployedStack {
  const { name: stackName, id: stackId, status } = stack;
  const executed = parseChangeSetName(stack.changeSetId)!;
  const { release, createdAt: deployedAt } = executed;
  return {
    ...{ stackName, stackId, status, state: stateOf(), deployedAt },
    ...(release !== undefined && { release }),
  };

  function stateOf(): DeployedStack['state'] {
    if (!DONE.includes(status)) return status.startsWith('IMPORT') && !isInProgress(status) ? 'unknown' : 'unfinished';
    return release !== undefined && madeLastOperation(executed, stack) ? 'done' : 'unknown';
  }
}

/**
 * The stack that was deployed last: its release is the one that a target has. The others have it too, unchanged, if the
 * deployment came to its end.
 */
export function lastDeployed(stacks: readonly DeployedStack[]): DeployedStack | undefined {
  return stacks.toSorted((one, other) => other.deployedAt - one.deployedAt)[0];
}
