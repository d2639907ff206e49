import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import { type EngineDependencies, explain } from '../aws/index.ts';
import {
  type DescribedStack,
  openStacks,
  rollbackAction,
  type StackFacts,
  systemClock,
} from '../cloudformation/index.ts';
import { Failure, type ReportedFailure } from '../failure/index.ts';
import { count, failedItem, Run, type RunEnd } from '../progress/index.ts';
import { openStackToolkit } from '../toolkit/index.ts';

/** What a rollback is asked to do. */
export interface RollbackRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to look at; those that are not stuck are left alone. */
  readonly stacks: readonly string[];
  /** Logical ids of resources to leave as they are: those of one stack, so only one may be stuck. @default [] */
  readonly orphan?: readonly string[];
  /** Leave every resource as it is that fails to roll back. @default false */
  readonly force?: boolean;
  /** Stacks worked on at the same time. @default 10 */
  readonly concurrency?: number;
}

/** How a run ended. Plain data. */
export interface RollbackReport extends Pick<RunEnd, 'success' | 'milliseconds'> {
  /** In the order of the assembly. */
  readonly stacks: readonly (StackFacts & RollbackResult & { readonly seconds: number })[];
}

/** How a stack ended. */
interface RollbackResult {
  /** `unchanged`: it was not stuck. */
  readonly outcome: 'updated' | 'unchanged' | 'failed' | 'skipped';
  readonly detail: string;
  readonly failure?: ReportedFailure;
}

/**
 * Rolls stuck stacks back to their last good state. The stacks are looked at first, with their deploy roles; the CDK
 * toolkit is loaded only if one is stuck. A stack's failure is in the report, not thrown.
 *
 * @throws Failure `AmbiguousOrphan` if resources are to be orphaned and more than one stack is stuck
 */
export async function rollback(
  request: RollbackRequest,
  { aws, listener, signal }: EngineDependencies,
): Promise<RollbackReport> {
  const { assembly, orphan = [], force = false, concurrency = 10 } = request;
  const stacks = assembly.stacks.filter(({ id }) => request.stacks.includes(id));
  const opened = await openStacks(stacks, aws, systemClock);
  const found = new Map(stacks.map((stack) => [stack, opened.read(stack)]));
  const stuck: AssemblyStack[] = [];
  for (const [stack, look] of found) if (isStuck(await look.catch(() => undefined))) stuck.push(stack);
  if (orphan.length > 0 && stuck.length > 1) {
    throw new Failure('AmbiguousOrphan', {
      what: `--orphan names resources of one stack, but ${stuck.map(({ id }) => id).join(', ')} are stuck`,
      next: 'choose one with --stacks',
    });
  }
  const run = new Run({
    listener,
    signal,
    action: 'rollback',
    subject: `${stuck.length} of ${count(stacks.length, 'stack')} stuck`,
    noun: 'stack',
    items: stacks.length,
    words: { updated: 'rolled back' },
  });
  const toolkit = stuck.length === 0 ? undefined : await openStackToolkit(aws, assembly.directory);
  const roll = (id: string) =>
    toolkit!.of({ id, listener }, () =>
      toolkit!.toolkit.rollback(toolkit!.assembly, {
        stacks: toolkit!.select(id),
        orphanFailedResources: force,
        orphanLogicalIds: [...orphan],
      }),
    );
  try {
    const nameOf = ({ id }: AssemblyStack) => ({ id, where: opened.targetOf(id) });
    const work = async (stack: AssemblyStack): Promise<RollbackResult> => {
      try {
        return await rollBack(stack.id, await found.get(stack), roll);
      } catch (error) {
        return failedItem(failureOf(stack.id, error));
      }
    };
    const ended = await run.each(stacks, concurrency, nameOf, work);
    const { success, milliseconds } = run.finish();
    const reports = stacks.map((stack, index) => ({ ...opened.facts(stack), ...ended[index]! }));
    return { success, milliseconds, stacks: reports };
  } finally {
    await toolkit?.dispose();
  }
}

function isStuck(stack: DescribedStack | undefined): boolean {
  return stack !== undefined && ['roll-back', 'continue-rollback'].includes(rollbackAction(stack));
}

/** @throws Failure `StuckStack` if no rollback helps; errors of the toolkit */
async function rollBack(
  id: string,
  found: DescribedStack | undefined,
  roll: (id: string) => Promise<unknown>,
): Promise<RollbackResult> {
  if (found === undefined) return { outcome: 'unchanged', detail: 'there is no such stack' };
  const { status } = found;
  const stuck = (next: string) =>
    new Failure('StuckStack', { subject: id, what: `${status} cannot be rolled back`, next });
  switch (rollbackAction(found)) {
    case 'none':
      return { outcome: 'unchanged', detail: `not stuck, ${status}` };
    case 'wait':
      return { outcome: 'skipped', detail: `${status}: somebody's operation is running, try again when it has ended` };
    case 'recreate':
      throw stuck('nx deploy deletes and creates it anew');
    case 'go-on-express':
      throw stuck('it failed in express mode: deploy it again in that mode, which goes on where it stopped');
    case 'repair':
      throw stuck('repair it in the CloudFormation console');
    case 'roll-back':
    case 'continue-rollback':
      await roll(id);
      return { outcome: 'updated', detail: `rolled back from ${status}` };
  }
}

function failureOf(subject: string, error: unknown): Failure {
  if (error instanceof Failure) return error.subject === undefined ? error.of(subject) : error;
  // The toolkit's own sentence names options of another command; the cause is what happened.
  const { code, message, denied } = explain((error as { cause?: unknown }).cause ?? error);
  const what = message.replace(/ \(fix problem and retry.*\)$/s, '').trim();
  const next = 'correct the cause and try again, or leave the failing resources behind with --orphan or --force';
  return new Failure(code, { subject, what, next }, { cause: error, denied });
}
