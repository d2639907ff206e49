import type { StackRefactorAction } from '@aws-sdk/client-cloudformation';
import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import { type EngineDependencies, explain, isAccessDenied } from '../aws/index.ts';
import { type Clock, openStacks, StackRefactors, systemClock } from '../cloudformation/index.ts';
import { Failure, type ReportedFailure } from '../failure/index.ts';
import { count, failedItem, Run, type RunEnd } from '../progress/index.ts';
import { type GroupMoves, groupsOf, lookAtGroup, type LookRequest } from './look.ts';
import { keyOf, type Move } from './model.ts';

/** What a refactoring is asked to do. */
export interface RefactorRequest extends LookRequest {
  readonly assembly: Assembly;
  /** Ids of the chosen stacks: resources move between these. */
  readonly stacks: readonly string[];
  /** The environments in promotion order: one after the other is refactored. @default - there are none */
  readonly promotion?: readonly PromotionGroup[];
  /** Say what would move, and move nothing. @default false */
  readonly dryRun?: boolean;
}

/** What a refactoring works with. */
export interface RefactorDependencies extends EngineDependencies {
  /**
   * Asked before anything moves, with all of it. Undefined if there is nobody to ask.
   * @default - nobody is asked
   */
  readonly confirm?: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  /** @default - that of the process */
  readonly clock?: Clock;
}

/** What became of the stacks of an environment in one account and region. */
export interface RefactoredGroup {
  /** `staging (111111111111/eu-west-1)` */
  readonly name: string;
  readonly target: string;
  readonly outcome: 'updated' | 'planned' | 'unchanged' | 'failed' | 'skipped';
  readonly moves: readonly Move[];
  readonly failure?: ReportedFailure;
}

/** How a refactoring ended. Plain data. */
export interface RefactorReport extends RunEnd {
  /** Whether the person who was asked said no. */
  readonly declined: boolean;
  /** In promotion order. */
  readonly targets: readonly RefactoredGroup[];
}

/**
 * Moves resources that have got another logical id or stack in the app, by a stack refactoring of CloudFormation: they
 * are not replaced. With nothing but deploy roles, one environment after the other; a failure ends it. What
 * CloudFormation has worked out is compared with what was shown before it is executed.
 *
 * @throws Failure as `lookAtGroup` does, and `NotConfirmed`: then nothing was moved
 */
export async function refactor(request: RefactorRequest, dependencies: RefactorDependencies): Promise<RefactorReport> {
  const { aws, listener, signal, confirm, clock = systemClock } = dependencies;
  const { assembly, promotion = [], dryRun = false } = request;
  const stacks = assembly.stacks.filter(({ id }) => request.stacks.includes(id));
  const opened = await openStacks(stacks, aws, clock);
  const looked: GroupMoves[] = [];
  for (const group of groupsOf(stacks, promotion, opened)) looked.push(await lookAtGroup(group, request));
  const moving = looked.filter(({ moves }) => moves.length > 0);
  const all = moving.reduce((sum, { moves }) => sum + moves.length, 0);
  if (moving.length > 0 && !dryRun && confirm !== undefined) {
    const question = `Move ${count(all, 'resource')} in ${moving.map(({ group }) => group.name).join(', ')}?`;
    const lines = moving.flatMap(({ group, lines: own }) => [`${group.name}:`, ...own]);
    const agreed = await confirm(question, lines);
    if (agreed === undefined) {
      const what = `${question} There is no terminal to ask on, so nothing was moved`;
      throw new Failure('NotConfirmed', { what, next: 'add --yes after you have seen it with --dryRun' });
    }
    if (!agreed) {
      return { success: false, declined: true, interrupted: signal?.aborted ?? false, milliseconds: 0, targets: [] };
    }
  }
  const run = new Run({
    listener,
    signal,
    action: dryRun ? 'refactor (dry run)' : 'refactor',
    subject: `${count(all, 'resource')} that ${all === 1 ? 'has' : 'have'} moved`,
    noun: 'target',
    items: looked.length,
    words: { updated: 'refactored' },
    clock,
  });
  const targets: RefactoredGroup[] = [];
  let failed: string | undefined;
  for (const one of looked) {
    const { name, where } = one.group;
    const ended = await run.item({ id: name, where }, async () => {
      const detail = count(one.moves.length, 'resource');
      if (one.moves.length === 0) return { outcome: 'unchanged', detail: 'nothing has moved' } as const;
      if (dryRun) return { outcome: 'planned', detail: `would move ${detail}`, lines: one.lines } as const;
      if (failed !== undefined) return { outcome: 'skipped', detail: `as it was, because ${failed} failed` } as const;
      if (signal?.aborted) return { outcome: 'skipped', detail: 'interrupted before it started' } as const;
      try {
        await move(one, dependencies, clock);
        return { outcome: 'updated', detail: `moved ${detail}`, lines: one.lines } as const;
      } catch (error) {
        failed = name;
        return failedItem(error instanceof Failure ? error : explained(error, name));
      }
    });
    const failure = 'failure' in ended ? { failure: ended.failure } : {};
    targets.push({ name, target: where, outcome: ended.outcome, moves: one.moves, ...failure });
  }
  return { ...run.finish(), declined: false, targets };
}

/** Why the request failed; a role that may not refactor comes from an old bootstrap. */
function explained(error: unknown, subject: string): Failure {
  const { code, what, where, next, denied } = explain(error);
  const isOld = isAccessDenied(error);
  const bootstrap = 'deploy roles may refactor since version 28 of the bootstrap: run nx bootstrap';
  return new Failure(code, { subject, what, where, next: isOld ? bootstrap : next }, { cause: error, denied });
}

/** @throws Failure `RefactorFailed`, `NotOnlyMoves` */
async function move(
  { group, moves, definitions, before }: GroupMoves,
  { aws }: RefactorDependencies,
  clock: Clock,
): Promise<void> {
  const { resolved, watch } = group.stacks[0]!;
  const refactors = new StackRefactors(aws, resolved.session, clock);
  const created = await refactors.create({
    StackDefinitions: [...definitions],
    ResourceMappings: moves.map(({ from, to }) => ({
      Source: { StackName: from.stackName, LogicalResourceId: from.logicalId },
      Destination: { StackName: to.stackName, LogicalResourceId: to.logicalId },
    })),
  });
  const failed = (what: string, { status, reason }: { status: string; reason: string }) =>
    new Failure('RefactorFailed', {
      subject: group.name,
      what: `${what}: ${(reason || 'CloudFormation gave no reason').replace(/\.$/, '')} (${status})`,
      next: 'every resource is where it was: correct the cause, or deploy by itself what is no move',
    });
  if (!('id' in created)) throw failed('CloudFormation refuses to move these resources', created);
  requireShown(created.actions, moves, group.name);
  const ended = await refactors.execute(created.id);
  // The stacks are updated for some seconds after the refactoring is done.
  await Promise.all(before.map(({ id }) => watch.follow(id)));
  if (ended.status !== 'EXECUTE_COMPLETE') throw failed('the refactoring failed', ended);
}

/** @throws Failure `NotOnlyMoves` if CloudFormation would do anything else than what was shown */
function requireShown(actions: readonly StackRefactorAction[], moves: readonly Move[], subject: string): void {
  const shown = new Set(moves.map(({ from, to }) => `${keyOf(from)} -> ${keyOf(to)}`));
  const worked = actions.map(({ Action, Entity, ResourceMapping }) => {
    const { Source, Destination } = ResourceMapping ?? {};
    if (Action !== 'MOVE' || Entity !== 'RESOURCE') return `${Action} of a ${Entity}`;
    return `${placeOf(Source)} -> ${placeOf(Destination)}`;
  });
  const other = worked.find((one) => !shown.has(one));
  const missing = [...shown].find((one) => !worked.includes(one));
  if (other === undefined && missing === undefined) return;
  throw new Failure('NotOnlyMoves', {
    subject,
    what: other
      ? `CloudFormation would do something else, too: ${other}`
      : `CloudFormation would leave out: ${missing}`,
    next: 'nothing was moved: look at the resource in the console, and try again',
  });
}

/** CloudFormation names a stack by its name or its ARN. */
function placeOf(location: { StackName?: string; LogicalResourceId?: string } | undefined): string {
  const { StackName: stack = '', LogicalResourceId: logicalId = '' } = location ?? {};
  return keyOf({ stackName: stack.startsWith('arn:') ? (stack.split('/')[1] ?? '') : stack, logicalId });
}
