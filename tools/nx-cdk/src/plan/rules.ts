import { type Environments, type PlanException, type PlanRule, planRulesFor, targetName } from '@nx-cdk/environments';
import picomatch from 'picomatch';
import { Failure } from '../failure/index.ts';
import { count } from '../progress/index.ts';
import type { AcceptedChange, JudgedDeletion, PlannedStack, RefusedChange, Verdict, Violation } from './model.ts';
import { violationsOf, violationsOfDeletion } from './violations.ts';

/** What plans and deployments are refused for, by one environments file. */
export interface WorkspaceRules {
  /**
   * The rules for a stack.
   *
   * @param target `account/region`
   */
  readonly rulesFor: (stackId: string, target: string) => readonly PlanRule[];
  readonly accept: readonly PlanException[];
  /** The file that says so, for messages. */
  readonly file: string;
}

/** The rules of each file that has any. An exception holds for the rules of its own file. */
export function workspaceRules(files: readonly Environments[]): WorkspaceRules[] {
  const hasRules = ({ plan, environments }: Environments) =>
    (plan?.refuse ?? []).length > 0 || environments.some(({ refuse = [] }) => refuse.length > 0);
  return files.filter(hasRules).map((one) => ({
    rulesFor: (stackId, target) => planRulesFor(one, stackId, target),
    accept: one.plan?.accept ?? [],
    file: one.file,
  }));
}

/** Today in UTC, `2026-12-31`: until when exceptions hold is a day there. */
export function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** What the rules say, and a sentence for each exception for these stacks that nothing needed. */
export interface Judgement extends Verdict {
  readonly unused: readonly string[];
  /** Why it may not be deployed; undefined if it may. */
  readonly refusal: Failure | undefined;
}

/**
 * Judges what a plan or a dry run would do.
 *
 * @param today `2026-12-31`
 */
export function judge(
  stacks: readonly PlannedStack[],
  deletions: readonly JudgedDeletion[],
  rules: readonly WorkspaceRules[],
  today: string,
): Judgement {
  const all = rules.map((one) => judgeBy(one, stacks, deletions, today));
  return {
    refused: all.flatMap(({ refused }) => refused),
    accepted: all.flatMap(({ accepted }) => accepted),
    unused: all.flatMap(({ unused }) => unused),
    refusal: all.map(({ refusal }) => refusal).find((one) => one !== undefined),
  };
}

function judgeBy(
  rules: WorkspaceRules,
  stacks: readonly PlannedStack[],
  deletions: readonly JudgedDeletion[],
  today: string,
): Judgement {
  const violations = [
    ...stacks.flatMap((stack) => violationsOf(stack.id, stack, rules.rulesFor(stack.id, targetName(stack)))),
    ...deletions.flatMap((one) => violationsOfDeletion(one, rules.rulesFor(one.stackName, targetName(one)))),
  ];
  const verdict = judgeAll(violations, rules, today);
  const names = [...stacks.map(({ id }) => id), ...deletions.map(({ stackName }) => stackName)];
  // One that is for no stack of this run may be for another app.
  const isMeant = ({ stack }: PlanException) => names.some((name) => fits(stack, name));
  const isNeeded = (exception: PlanException) => violations.some((one) => isFor(exception, one));
  const unused = rules.accept.filter((one) => isMeant(one) && !isNeeded(one));
  return {
    ...verdict,
    unused: unused.map((one) => wordUnused(one, rules.file)),
    refusal: refusalOf(verdict.refused, rules.file, stacks.length === 0 ? 'deleted' : 'deployed'),
  };
}

/**
 * Refuses deletions of whole stacks.
 *
 * @returns a sentence for each thing that is accepted by an exception
 * @throws Failure `PlanRefused`
 */
export function requireDeletable(
  deletions: readonly JudgedDeletion[],
  rules: readonly WorkspaceRules[],
  today: string,
): string[] {
  const { accepted, refusal } = judge([], deletions, rules, today);
  if (refusal !== undefined) throw refusal;
  return accepted.map((one) => `${one.stack}: ${wordAccepted(one)}`);
}

/** Which violations are refused, and which are accepted. */
export function judgeAll(violations: readonly Violation[], { accept }: WorkspaceRules, today: string): Verdict {
  const refused: RefusedChange[] = [];
  const accepted: AcceptedChange[] = [];
  for (const violation of violations) {
    const fitting = accept.filter((one) => isFor(one, violation));
    // The one that holds longest: its date is what a reviewer has to know.
    const [last] = fitting.toSorted((a, b) => (a.until < b.until ? 1 : -1));
    const { reason, until } = last ?? {};
    if (reason === undefined || until === undefined) refused.push(violation);
    else if (until < today) refused.push({ ...violation, ended: { reason, until } });
    else accepted.push({ ...violation, reason, until });
  }
  return { refused, accepted };
}

/** @throws Failure `PlanRefused` naming the first one, if any is refused */
export function requireAccepted({ refused }: Pick<Verdict, 'refused'>, { file }: WorkspaceRules): void {
  const failure = refusalOf(refused, file, 'deployed');
  if (failure !== undefined) throw failure;
}

/** Why something may not be done; undefined if it may. */
function refusalOf(refused: readonly RefusedChange[], file: string, done: 'deployed' | 'deleted'): Failure | undefined {
  const [first] = refused;
  if (first === undefined) return undefined;
  const others = refused.length === 1 ? '' : `; and ${count(refused.length - 1, 'other change')}`;
  return new Failure('PlanRefused', {
    subject: first.stack,
    what: `${wordRefusal(first)}${others}: nothing of it may be ${done}`,
    next: `leave ${done === 'deployed' ? 'the change' : 'the stack'} out, or accept it with a reason and a date, in "plan" of ${file}`,
  });
}

/** `deletes-stateful refuses it: staging/Data/Orders: AWS::DynamoDB::Table is deleted with its data` */
export function wordRefusal({ rule, resource, what, ended }: RefusedChange): string {
  const where = resource === undefined ? '' : `${resource}: `;
  const over = ended && ` (it was accepted until ${ended.until}: ${ended.reason})`;
  return `${rule} refuses it: ${where}${what}${over ?? ''}`;
}

/** `deletes-stateful, accepted until 2026-12-31 (moved away): staging/Data/Orders: ...` */
export function wordAccepted({ rule, resource, what, reason, until }: AcceptedChange): string {
  const where = resource === undefined ? '' : `${resource}: `;
  return `${rule}, accepted until ${until} (${reason}): ${where}${what}`;
}

/** A sentence about an exception that nothing needs. */
function wordUnused({ rule, stack, resource, until }: PlanException, file: string): string {
  const where = resource === undefined ? stack : `${stack}, ${resource}`;
  return `The exception of ${rule} for ${where} until ${until} fits nothing here: take it out of "plan" in ${file} if nothing else needs it.`;
}

function isFor({ rule, stack, resource }: PlanException, violation: Violation): boolean {
  if (rule !== violation.rule || !fits(stack, violation.stack)) return false;
  return resource === undefined || (violation.resource !== undefined && fits(resource, violation.resource));
}

function fits(pattern: string, name: string): boolean {
  return pattern === name || picomatch(pattern, { dot: true })(name);
}
