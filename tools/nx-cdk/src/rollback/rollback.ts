import type { AssemblyStack } from '../assembly/index.ts';
import { explain, type ConnectedAwsClients } from '../aws/index.ts';
import { systemClock, CloudFormation, resolveStack } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { StackToolkit } from '../toolkit/index.ts';
import type { RollbackReport, RollbackRequest, RolledBackStack } from './request.ts';
import { remedyFor } from './stuck.ts';

/** What a rollback works with. */
export interface RollbackDependencies {
  readonly aws: ConnectedAwsClients;
  readonly listener: Listener;
  /** When it fires, no further stack is touched; running ones are followed to their end. */
  readonly signal?: AbortSignal;
}

type Ending = Pick<RolledBackStack, 'outcome' | 'detail'> & Partial<RolledBackStack>;

/** The status of a stack, `missing` where there is none, or why it could not be read. */
type Finding = { readonly status: string } | { readonly error: unknown };

/**
 * Rolls stuck stacks back to their last good state. The stacks are looked at first, with their deploy roles; the CDK
 * toolkit is loaded only where one is stuck. What goes wrong with a stack is in the report, not thrown.
 *
 * @throws Failure `AmbiguousOrphan` where resources are to be orphaned and more than one stack is stuck
 */
export async function rollback(
  request: RollbackRequest,
  { aws, listener, signal }: RollbackDependencies,
): Promise<RollbackReport> {
  const started = performance.now();
  const wanted = new Set(request.stacks);
  const stacks = request.assembly.stacks.filter(({ id }) => wanted.has(id));
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(Math.max(1, request.concurrency ?? 10));
  const findings = new Map(
    await Promise.all(
      stacks.map((stack) => limit(async () => [stack.id, await lookAt(stack, aws)] satisfies [string, Finding])),
    ),
  );
  const stuck = stacks.filter(({ id }) => isStuck(findings.get(id)!));
  if ((request.orphan ?? []).length > 0 && stuck.length > 1) {
    throw new Failure(
      'AmbiguousOrphan',
      `--orphan names resources of one stack, but ${stuck.map(({ id }) => id).join(', ')} are stuck: choose one with --stacks.`,
    );
  }
  listener({
    type: 'run-started',
    action: 'rollback',
    items: stacks.length,
    subject: `${stuck.length} of ${stacks.length} ${stacks.length === 1 ? 'stack' : 'stacks'} stuck`,
  });
  const toolkit =
    stuck.length === 0
      ? undefined
      : await import('../toolkit/index.ts').then(({ openStackToolkit }) =>
          openStackToolkit(aws, request.assembly.directory),
        );
  try {
    const reports = await Promise.all(
      stacks.map((stack) =>
        limit(async (): Promise<RolledBackStack> => {
          const began = performance.now();
          const { id, stackName } = stack;
          const { account, region } = stack.target;
          listener({ type: 'item-started', id, label: id, where: `${account}/${region}` });
          const finding = findings.get(id)!;
          const ending = await endOf(stack, finding, request, toolkit, listener, signal).catch((error: unknown) =>
            failed(id, error),
          );
          const { outcome, detail } = ending;
          listener({ type: 'item-finished', id, outcome, detail, milliseconds: performance.now() - began });
          return { id, stackName, account, region, ...ending };
        }),
      ),
    );
    const success = reports.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
    const done = reports.filter(({ outcome }) => outcome === 'updated').length;
    const milliseconds = performance.now() - started;
    listener({ type: 'run-finished', success, summary: `${done} of ${stuck.length} rolled back`, milliseconds });
    return { success, milliseconds, stacks: reports };
  } finally {
    await toolkit?.dispose();
  }
}

async function lookAt(stack: AssemblyStack, aws: ConnectedAwsClients): Promise<Finding> {
  try {
    const target = await resolveStack(stack, aws);
    const found = await new CloudFormation(aws, target.session, systemClock).describe(stack.stackName);
    return { status: found?.status ?? 'missing' };
  } catch (error) {
    return { error };
  }
}

function isStuck(finding: Finding): boolean {
  return 'status' in finding && ['roll-back', 'continue'].includes(remedyFor(finding.status));
}

async function endOf(
  stack: AssemblyStack,
  finding: Finding,
  request: RollbackRequest,
  toolkit: StackToolkit | undefined,
  listener: Listener,
  signal: AbortSignal | undefined,
): Promise<Ending> {
  if ('error' in finding) throw finding.error;
  const { status } = finding;
  if (status === 'missing') return { outcome: 'unchanged', detail: 'there is no such stack' };
  switch (remedyFor(status)) {
    case 'none':
      return { outcome: 'unchanged', detail: `not stuck, ${status}` };
    case 'wait':
      return { outcome: 'skipped', detail: `${status}: somebody's operation is running, try again when it has ended` };
    case 'recreate':
      return { outcome: 'failed', detail: `${status} cannot be rolled back: nx deploy deletes and creates it anew` };
    case 'roll-back':
    case 'continue':
      break;
  }
  if (signal?.aborted) return { outcome: 'skipped', detail: 'interrupted before it started' };
  const { id } = stack;
  await toolkit!.of({ id, listener }, () =>
    toolkit!.toolkit.rollback(toolkit!.assembly, {
      stacks: toolkit!.select(id),
      orphanFailedResources: request.force ?? false,
      orphanLogicalIds: [...(request.orphan ?? [])],
    }),
  );
  return { outcome: 'updated', detail: `rolled back from ${status}` };
}

function failed(id: string, error: unknown): Ending {
  // The toolkit's own sentence names options of another command; the cause is what happened.
  const { code, message } = explain((error as { cause?: unknown }).cause ?? error);
  const text = message.replace(/ \(fix problem and retry.*\)$/s, '').trim();
  const next = 'correct the cause and try again, or leave the failing resources behind with --orphan or --force';
  const detail = error instanceof Failure ? text : `${id}: ${text}: ${next}`;
  return { outcome: 'failed', detail, failure: { code, message: detail } };
}
