import {
  type DescribedStack,
  type LeftBehindStack,
  type OpenedStack,
  parseChangeSetName,
  type StackOwner,
} from '../cloudformation/index.ts';
import type { StackDependencies } from '../deploy/index.ts';
import { deleteLeftBehind, type DestroyReport, type DestroyRequest } from '../destroy/index.ts';
import { findDeletions, type PlannedDeletion } from '../plan/index.ts';
import { instanceOf, listSandboxes, type Sandbox, type SandboxesRequest } from './list.ts';
import { placesOf } from './places.ts';

/** The stacks of some instances. */
export interface FoundStacks {
  /** Those that can be deleted, each after those that import from it. */
  readonly deletions: readonly PlannedDeletion[];
  /** Those that stay, with the reason. */
  readonly kept: readonly LeftBehindStack[];
}

/**
 * Finds out what the deletion of some instances would do. Nothing is changed.
 *
 * @param sandboxes what `listSandboxes` has found
 */
export async function findSandboxStacks(
  request: SandboxesRequest,
  sandboxes: readonly Sandbox[],
  dependencies: StackDependencies,
): Promise<FoundStacks> {
  const { assembly } = placesOf(request.file, request.environments);
  const names = new Set(sandboxes.map(({ instance }) => instance));
  const wanted = new Set(sandboxes.flatMap(({ stacks }) => stacks.map(({ stackName }) => stackName)));
  return findDeletions(
    {
      assembly,
      // Only where they are: a target that none of them is in is not looked at.
      stacks: assembly.stacks.filter(({ id }) => sandboxes.some((one) => isIn(one, id))).map(({ id }) => id),
      isSought: (stack) => wanted.has(stack.name) && names.has(instanceOf(stack, request.owner)?.instance ?? ''),
    },
    dependencies,
  );
}

function isIn({ environment, stacks }: Sandbox, id: string): boolean {
  return stacks.some(({ account, region }) => id === `${environment} ${account}/${region}`);
}

/** How instances are deleted. */
export interface DeleteSandboxes extends Partial<
  Pick<DestroyRequest, 'concurrency' | 'concurrencyPerTarget' | 'dryRun' | 'express'>
> {
  /** What was shown, and nothing else. */
  readonly deletions: readonly PlannedDeletion[];
  /** Only what has expired, also at the moment of its deletion. @default false */
  readonly onlyExpired?: boolean;
}

/**
 * Deletes the stacks of instances. Each is looked at once more before: it has to be what was shown. With `onlyExpired`,
 * an instance that has been deployed meanwhile stays: all of its stacks in that target are looked at.
 *
 * @throws Failure `RoleNotAdmitted` before anything is deleted
 */
export async function deleteSandboxes(
  request: SandboxesRequest,
  { onlyExpired = false, ...how }: DeleteSandboxes,
  dependencies: StackDependencies,
): Promise<DestroyReport> {
  const { assembly } = placesOf(request.file, request.environments);
  const current = onlyExpired && how.dryRun !== true ? await listSandboxes(request, dependencies, 'deploy') : [];
  const isStill = async (stack: DescribedStack, opened: OpenedStack) => {
    const name = instanceOf(stack, request.owner)?.instance;
    if (name === undefined || !onlyExpired) return name !== undefined;
    const known = current.find(({ instance, expired }) => instance === name && expired);
    return known !== undefined && !(await isDeployedSince(known, opened, request.owner));
  };
  return deleteLeftBehind(
    {
      ...how,
      assembly,
      stacks: assembly.stacks.map(({ id }) => id),
      kind: {
        isStill,
        otherwise: onlyExpired ? 'its instance is no longer expired' : 'it belongs to no instance of the app any more',
        next: 'look again: nx sandboxes <project>',
      },
    },
    dependencies,
  );
}

/** Whether an instance was deployed since it was listed, as far as the target of one of its stacks shows it. */
async function isDeployedSince(
  { instance, deployedAt }: Sandbox,
  { cloudFormation }: OpenedStack,
  owner: StackOwner,
): Promise<boolean> {
  const all = await cloudFormation.describeAll((stack) => instanceOf(stack, owner)?.instance === instance);
  // To the second, as it is listed.
  const seconds = all.map(({ changeSetId }) => Math.floor(parseChangeSetName(changeSetId)!.createdAt / 1000));
  return Math.max(...seconds) > Date.parse(deployedAt) / 1000;
}
