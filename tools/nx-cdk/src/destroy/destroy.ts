import {
  type DescribedStack,
  isInProgress,
  type OpenedStack,
  openStacks,
  stackFailed,
  type StackFacts,
  systemClock,
} from '../cloudformation/index.ts';
import {
  type DeployRequest,
  failedEnd,
  failureOf,
  runGraph,
  type StackDependencies,
  type StackFailure,
} from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { count, type ItemEnd, type Listener, Run, type RunEnd } from '../progress/index.ts';
import type { WorkspaceRules } from '../plan/index.ts';
import { destroyGraph } from './order.ts';
import { type FoundStack, requireByTemplates, type RulesForStacks, tellOfRules } from './rules.ts';

/** What a destroy run is asked to delete. `stacks`: see `withDependents`. `promotion` is followed in reverse. */
export interface DestroyRequest extends Omit<DeployRequest, 'parameters' | 'force' | 'rollback' | 'deploymentMode'> {
  /** Delete in express mode: a stack counts as deleted while resources may still be going away. @default false */
  readonly express?: boolean;
  /** Say what would be deleted, and delete nothing. @default false */
  readonly dryRun?: boolean;
  /** What refuses deletions of stacks, by what they have deployed. @default - nothing */
  readonly rules?: readonly WorkspaceRules[];
}

/** What a destroy run works with. */
export interface DestroyDependencies extends StackDependencies {
  /** Asked before anything is deleted, with the stacks that exist. @default - nobody is asked */
  readonly confirm?: (stacks: readonly ExistingStack[]) => Promise<boolean>;
  /**
   * Called right before a stack is deleted. Returns the stack as it is then; undefined if it is gone.
   *
   * @throws Failure if it may not be deleted
   * @default - it is as it was found
   */
  readonly admit?: (stack: OpenedStack) => Promise<DescribedStack | undefined>;
}

/** A stack that would be deleted. */
export interface ExistingStack extends StackFacts {
  readonly status: string;
}

/** How a run ended. Plain data. */
export interface DestroyReport extends RunEnd {
  /** True if the person who was asked said no. */
  readonly declined: boolean;
  /** In the order of the assembly. */
  readonly stacks: readonly (StackFacts & DestroyResult & { readonly seconds: number })[];
}

/** How a stack ended. */
interface DestroyResult {
  /** `unchanged`: there was no such stack. */
  readonly outcome: 'deleted' | 'unchanged' | 'planned' | 'failed' | 'skipped';
  readonly detail?: string;
  readonly failure?: StackFailure;
}

/**
 * Deletes stacks with nothing but their deploy roles, the ones that others depend on last. A stack's failure is in the
 * report, not thrown: what that stack depends on stays, the rest goes on.
 *
 * @throws Failure `PlanRefused` before anything is asked or deleted, if a rule is against the deletion of a stack
 */
export async function destroy(request: DestroyRequest, dependencies: DestroyDependencies): Promise<DestroyReport> {
  const { aws, listener, signal, confirm, admit, clock = systemClock } = dependencies;
  const { assembly, promotion, dryRun = false, express = false, rules = [] } = request;
  const held: RulesForStacks = { rules, listener, clock };
  const stacks = assembly.stacks.filter(({ id }) => request.stacks.includes(id));
  const graph = destroyGraph(stacks, promotion);
  const opened = await openStacks(stacks, aws, clock);
  const found = new Map(stacks.map((stack) => [stack.id, opened.read(stack)]));
  const existing: ExistingStack[] = [];
  const judged: FoundStack[] = [];
  for (const stack of stacks.toReversed()) {
    // A stack that cannot be read fails in its turn.
    const current = await found.get(stack.id)!.catch(() => undefined);
    if (current === undefined) continue;
    existing.push({ ...opened.facts(stack), status: current.status });
    judged.push({ opened: opened.get(stack.id), current });
  }
  await (dryRun ? tellOfRules : requireByTemplates)(judged, held);
  if (existing.length > 0 && !dryRun && !((await confirm?.(existing)) ?? true)) {
    return { success: false, declined: true, interrupted: signal?.aborted ?? false, milliseconds: 0, stacks: [] };
  }

  const run = new Run({
    listener,
    action: dryRun ? 'destroy (dry run)' : 'destroy',
    subject: `${count(existing.length, 'stack')} of ${stacks.length}`,
    noun: 'stack',
    items: stacks.length,
    words: { unchanged: 'not there' },
    signal,
    clock,
  });
  const { stacks: reports } = await runGraph<DestroyResult>({
    run,
    graph,
    stacks,
    opened,
    request,
    signal,
    work: async (stack) =>
      destroyStack(stack, await found.get(stack.resolved.stack.id)!, { dryRun, express, listener, admit, held }),
    failed: (id, error) => ({ outcome: 'failed', failure: failureOf(id, error) }),
    skipped: (because) => ({
      outcome: 'skipped',
      detail: because ? `still there, because ${because}` : 'interrupted before it started',
    }),
    endOf: ({ outcome, detail, failure }): ItemEnd => (failure ? failedEnd(failure) : { outcome, detail }),
  });
  return { ...run.finish(), declined: false, stacks: reports };
}

/** What all stacks of a run have in common. */
interface DestroyManner {
  readonly dryRun: boolean;
  readonly express: boolean;
  readonly listener: Listener;
  readonly admit: DestroyDependencies['admit'];
  readonly held: RulesForStacks;
}

async function destroyStack(
  stack: OpenedStack,
  found: DescribedStack | undefined,
  manner: DestroyManner,
): Promise<DestroyResult> {
  const { dryRun, admit } = manner;
  const current = found === undefined || dryRun || admit === undefined ? found : await admit(stack);
  if (current === undefined) return { outcome: 'unchanged', detail: 'there is no such stack' };
  if (dryRun) return { outcome: 'planned', detail: `would be deleted, ${current.status}` };
  await deleteStack(stack, current, manner);
  if (!manner.express) return { outcome: 'deleted' };
  return { outcome: 'deleted', detail: 'express mode: its resources may still be going away' };
}

/**
 * Deletes a stack and follows it to the end. Waits for an operation that somebody else has running, and follows a
 * deletion that runs already. CloudFormation works with its execution role.
 *
 * @throws Failure `TerminationProtected`, `PlanRefused`; StackFailed with the resources that could not be deleted, root
 * cause first
 */
async function deleteStack(
  opened: OpenedStack,
  found: DescribedStack,
  { express, listener, held }: DestroyManner,
): Promise<void> {
  const { cloudFormation, watch } = opened;
  const { stack, targetName, executionRoleArn } = opened.resolved;
  const say = (step: string) => listener({ type: 'item-progress', id: stack.id, step });
  let current = found;
  if (isInProgress(current.status)) {
    say(`waiting for ${current.status}`);
    current = await watch.follow(current.id);
    if (current.status === 'DELETE_COMPLETE') return;
  }
  if (current.terminationProtection) {
    throw new Failure('TerminationProtected', {
      subject: stack.id,
      what: `${stack.stackName} in ${targetName} is protected from deletion`,
      next: 'set terminationProtection: false in the app and deploy it, then run nx destroy again',
    });
  }
  // Somebody may have deployed another template since it was looked at, or just now.
  await requireByTemplates([{ opened, current }], { ...held, listener: () => {} });
  say('deleting');
  const operation = await cloudFormation.start(
    'delete',
    current.id,
    executionRoleArn,
    express ? 'express' : 'standard',
  );
  const ended = await watch.follow(current.id, { before: current });
  if (ended.status === 'DELETE_COMPLETE') return;
  const next = 'remove what keeps these resources from being deleted, then run nx destroy again';
  throw await stackFailed(opened, 'the deletion', operation, ended, next);
}
