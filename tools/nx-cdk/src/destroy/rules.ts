import { targetName } from '@nx-cdk/environments';
import type { Clock, DescribedStack, OpenedStack } from '../cloudformation/index.ts';
import {
  dayOf,
  deletionOfExisting,
  judge,
  type JudgedDeletion,
  requireDeletable,
  verdictAsText,
  type WorkspaceRules,
} from '../plan/index.ts';
import type { Listener } from '../progress/index.ts';

/** A stack that would be deleted, and what it is. */
export interface FoundStack {
  readonly opened: OpenedStack;
  readonly current: DescribedStack;
}

/** What holds deletions of the app's own stacks to the rules of the workspace (`plan.refuse`). */
export interface RulesForStacks {
  readonly rules: readonly WorkspaceRules[];
  readonly listener: Listener;
  readonly clock: Clock;
}

/** Says what rules would refuse, and what they accept: for a dry run. */
export async function tellOfRules(stacks: readonly FoundStack[], how: RulesForStacks): Promise<void> {
  tellJudgement(await deletionsOf(stacks, how), how);
}

/** Says what rules would refuse of some deletions, and what they accept. */
export function tellJudgement(deletions: readonly JudgedDeletion[], { rules, listener, clock }: RulesForStacks): void {
  const { refusal, ...verdict } = judge([], deletions, rules, dayOf(clock.now()));
  const text = verdictAsText(verdict, 'Refused by the rules of the workspace, so it cannot be deleted:');
  const level = refusal === undefined ? 'info' : 'warning';
  if (text !== '') listener({ type: 'message', level, text });
}

/**
 * Refuses deletions that a rule is against, by the templates that are deployed now. What an exception accepts is told.
 *
 * @throws Failure `PlanRefused`
 */
export async function requireByTemplates(stacks: readonly FoundStack[], how: RulesForStacks): Promise<void> {
  requireByRules(await deletionsOf(stacks, how), how);
}

/** The same, of deletions that are known. @throws Failure `PlanRefused` */
export function requireByRules(deletions: readonly JudgedDeletion[], { rules, listener, clock }: RulesForStacks): void {
  const sentences = requireDeletable(deletions, rules, dayOf(clock.now()));
  for (const text of sentences) listener({ type: 'message', level: 'info', text });
}

/** Reads what is deployed, of stacks that have any rule. One that nobody has deployed yet holds nothing. */
async function deletionsOf(stacks: readonly FoundStack[], { rules }: RulesForStacks): Promise<JudgedDeletion[]> {
  const judged = stacks.filter(
    ({ opened: { resolved }, current }) =>
      current.status !== 'REVIEW_IN_PROGRESS' &&
      rules.some(({ rulesFor }) => rulesFor(resolved.stack.id, targetName(resolved)).length > 0),
  );
  return Promise.all(
    judged.map(async ({ opened, current }) =>
      deletionOfExisting(opened.resolved, await opened.cloudFormation.originalTemplate(current.id)),
    ),
  );
}
