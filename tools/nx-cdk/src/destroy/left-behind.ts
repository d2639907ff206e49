import { targetName } from '@nx-cdk/environments';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import { resolveTarget } from '../aws/index.ts';
import {
  type DescribedStack,
  heldNames,
  isOwnedBy,
  type OpenedStack,
  type StackOwner,
} from '../cloudformation/index.ts';
import type { StackDependencies } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { type PlannedDeletion, requireExecutionRole, stillTheSame } from '../plan/index.ts';
import { count } from '../progress/index.ts';
import { destroy, type DestroyReport, type DestroyRequest } from './destroy.ts';

/** Which stacks to delete that an app has left behind. `stacks`: those of the app by whose roles it is done. */
export interface LeftBehindRequest extends Omit<DestroyRequest, 'promotion'> {
  /** What was shown, and nothing else. */
  readonly deletions: readonly PlannedDeletion[];
  /** What else they are than left behind, as it is known right before. @default - they were left behind */
  readonly kind?: DeletedKind;
}

/** A kind of stacks that are deleted from a list. */
export interface DeletedKind {
  /** Whether a stack still is of this kind. Asked right before its deletion. */
  readonly isStill: (stack: DescribedStack, opened: OpenedStack) => Promise<boolean>;
  /** Why one stays that is not, such as `the app has not left it behind`. */
  readonly otherwise: string;
  /** How to look again. */
  readonly next: string;
}

/**
 * Deletes stacks that an app has left behind, each after those that import what it exports. Each is looked at once more
 * before: it has to be what was shown, and still nobody else's. One that is gone counts as done, and one that an
 * interrupted run was deleting is followed.
 *
 * @throws Failure `RoleNotAdmitted` before anything is deleted
 */
export async function deleteLeftBehind(
  request: LeftBehindRequest,
  dependencies: StackDependencies,
): Promise<DestroyReport> {
  const { assembly, owner, deletions } = request;
  for (const deletion of deletions) requireExecutionRole(dependencies.aws, deletion);
  const kind = request.kind ?? (await leftBehind(assembly, owner, dependencies));
  const stacks = await asStacks(request, dependencies);
  const shown = new Map(stacks.map(({ id }, index) => [id, deletions[index]!]));
  return destroy(
    { ...request, promotion: [], assembly: { ...assembly, stacks }, stacks: stacks.map(({ id }) => id) },
    {
      ...dependencies,
      admit: async (opened) => {
        const deletion = shown.get(opened.resolved.stack.id)!;
        const current = await opened.cloudFormation.describe(deletion.basis.stackId);
        if (current === undefined || current.status === 'DELETE_COMPLETE') return undefined;
        const isStill = current.name === deletion.stackName && (await kind.isStill(current, opened));
        requireDeletable(deletion, current, isStill, kind);
        return current;
      },
    },
  );
}

async function leftBehind(
  assembly: Assembly,
  owner: StackOwner | undefined,
  { aws }: StackDependencies,
): Promise<DeletedKind> {
  const isHeld = await heldNames(assembly.stacks, aws);
  return {
    isStill: async (stack, { resolved }) =>
      owner !== undefined && isOwnedBy(stack, owner) && !isHeld(resolved.targetName, stack.name),
    otherwise: 'the app has not left it behind',
    next: 'look again: nx destroy <project> --orphans --dryRun',
  };
}

/** @throws Failure `PlanMoved`, `TerminationProtected` */
function requireDeletable(
  { stackName, basis, ...place }: PlannedDeletion,
  current: DescribedStack,
  isStill: boolean,
  { otherwise, next }: DeletedKind,
) {
  const subject = stackName;
  const where = targetName(place);
  if (!isStill || !stillTheSame(basis, current)) {
    const why = isStill ? 'it is not what it was when its deletion was shown' : otherwise;
    const what = `it stays in ${where}: ${why}`;
    throw new Failure('PlanMoved', { subject, what, next });
  }
  if (current.terminationProtection) {
    const what = `it stays in ${where}: its termination protection is on`;
    throw new Failure('TerminationProtected', { subject, what, next: 'switch the protection off, if you mean it' });
  }
}

/** The stacks of a list as if an assembly held them, with the roles of a stack of the app in the same target. */
async function asStacks(
  { assembly, stacks, deletions }: LeftBehindRequest,
  { aws }: StackDependencies,
): Promise<AssemblyStack[]> {
  const beside = new Map<string, AssemblyStack>();
  for (const stack of assembly.stacks.filter(({ id }) => stacks.includes(id)).toReversed()) {
    beside.set(targetName(await resolveTarget(aws, stack.target)), stack);
  }
  const names = Map.groupBy(deletions, ({ stackName }) => stackName);
  const idOf = (one: PlannedDeletion) =>
    names.get(one.stackName)!.length > 1 ? `${one.stackName} (${targetName(one)})` : one.stackName;
  return deletions.map((deletion): AssemblyStack => {
    const { stackName, account, region, basis, changes, executionRoleArn } = deletion;
    const stack = beside.get(targetName(deletion));
    if (stack === undefined) throw noneBeside(deletion);
    const exporters = deletions.filter(({ after }) => after.includes(basis.stackId));
    const resources = changes.map(({ logicalId, constructPath }) => [logicalId, { constructPath }] as const);
    return {
      ...stack,
      id: idOf(deletion),
      stackName,
      target: { account, region },
      dependencies: exporters.map(idOf),
      resources: new Map(resources),
      executionRoleArn,
    };
  });
}

function noneBeside(deletion: PlannedDeletion): Failure {
  const what = `no stack of this run goes to ${targetName(deletion)}, so there is no role to delete it with`;
  return new Failure('OtherTarget', { subject: deletion.stackName, what, next: 'choose a stack in that target, too' });
}

/**
 * Shows what would be deleted, and asks.
 *
 * @param shown what people read; see `deletionsAsText`
 * @param ask see `Command.ask`
 * @param next what to do where nobody can be asked
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function askToDeleteLeftBehind(
  deletions: readonly PlannedDeletion[],
  shown: string,
  ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>,
  next: string,
): Promise<boolean> {
  const targets = [...new Set(deletions.map(targetName))];
  const where = targets.length <= 3 ? targets.join(', ') : `${targets.length} targets`;
  const question = `Delete ${count(deletions.length, 'stack')} in ${where}?`;
  const answer = await ask(question, shown.split('\n'));
  if (answer !== undefined) return answer;
  const names = deletions.map(({ stackName }) => stackName).join(', ');
  const what = `${question} There is no terminal to ask on, so nothing was deleted (${names})`;
  throw new Failure('NotConfirmed', { what, next });
}
