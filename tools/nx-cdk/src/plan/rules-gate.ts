import { targetName } from '@nx-cdk/environments';
import pLimit from 'p-limit';
import {
  type Clock,
  type DeployGate,
  reasonsToUpdate,
  type ResourceChange,
  type StackState,
  systemClock,
} from '../cloudformation/index.ts';
import type { Listener } from '../progress/index.ts';
import { assess } from './assess.ts';
import { certainChanges, removalsWith } from './certain-changes.ts';
import { isExisting, templatesReadOnce } from './deployed.ts';
import type { PlannedStack, Violation } from './model.ts';
import { dayOf, judgeAll, requireAccepted, wordAccepted, type WorkspaceRules } from './rules.ts';
import { COMPARED_AT_ONCE, parseTemplate } from './template.ts';
import { violationsOf } from './violations.ts';

/** What a deployment by rules works with. */
export interface RulesGateOptions {
  readonly rules: WorkspaceRules;
  /** What the plan says of the stacks, if there is one: the most that is known before anything changes. */
  readonly planned?: readonly PlannedStack[];
  readonly listener: Listener;
  readonly clock?: Clock;
}

/**
 * Refuses what the rules of the workspace are against. Before anything changes: what the plan says, and what the
 * templates say for certain. Then once more each change set, before it is executed: only CloudFormation knows what it
 * replaces.
 */
export function rulesGate({ rules, planned = [], listener, clock }: RulesGateOptions): DeployGate {
  const deployedTemplate = templatesReadOnce();
  const told = new Set<string>();
  const require = (violations: readonly Violation[]): void => {
    const verdict = judgeAll(violations, rules, dayOf((clock ?? systemClock).now()));
    requireAccepted(verdict, rules);
    for (const accepted of verdict.accepted) {
      const text = `${accepted.stack}: ${wordAccepted(accepted)}`;
      if (!told.has(text)) listener({ type: 'message', level: 'info', text });
      told.add(text);
    }
  };
  const look = async (state: StackState, resources?: readonly ResourceChange[]): Promise<Violation[]> => {
    const { resolved, template } = state.desired;
    const own = rules.rulesFor(resolved.stack.id, targetName(resolved));
    if (own.length === 0) return [];
    const isThere = isExisting(state);
    const deployed = isThere ? await deployedTemplate(state) : undefined;
    const isUnchanged = async () =>
      isThere && (await reasonsToUpdate(state, async () => deployed!)).length === 0 && resources === undefined;
    if (await isUnchanged()) return [];
    const before = deployed === undefined ? undefined : parseTemplate(deployed);
    const after = parseTemplate(template.text()) ?? {};
    // Somebody's deletion of this stack has failed: what is left of it is deleted first.
    const goes = state.current?.status === 'DELETE_FAILED';
    const known = before && (goes ? removalsWith(before) : await certainChanges(before, after));
    return violationsOf(resolved.stack.id, await assess(state, deployed, after, resources ?? known ?? []), own);
  };
  return {
    check: async (pending) => {
      const ids = new Set(pending.map(({ desired }) => desired.resolved.stack.id));
      const limit = pLimit(COMPARED_AT_ONCE);
      const found = await Promise.all(pending.map((state) => limit(() => look(state))));
      const ofPlan = planned
        .filter(({ id }) => ids.has(id))
        .flatMap((stack) => violationsOf(stack.id, stack, rules.rulesFor(stack.id, targetName(stack))));
      require([...ofPlan, ...found.flat()]);
    },
    admit: async (state, { changes }) => require(await look(state, changes.resources)),
  };
}
