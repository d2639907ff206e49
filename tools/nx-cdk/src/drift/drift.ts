import type { Assembly } from '../assembly/index.ts';
import { type EngineDependencies, explain, requireCaller } from '../aws/index.ts';
import { type Clock, type OpenedStack, openStacks, Skipped, systemClock } from '../cloudformation/index.ts';
import { runGraph } from '../deploy/index.ts';
import { Failure, reworded } from '../failure/index.ts';
import { hideTemplateSecrets } from '../mask/index.ts';
import { count, type Listener, redact, Run } from '../progress/index.ts';
import { detect } from './detect.ts';
import type { DriftReport, StackDrift } from './model.ts';
import { endOf, nameOf } from './text.ts';

/** What to look at. */
export interface DriftRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to look at. */
  readonly stacks: readonly string[];
  /** Stacks looked at at the same time. @default 10 */
  readonly concurrency?: number;
  /** Stacks looked at at the same time in one target: CloudFormation throttles drift detections. @default 5 */
  readonly concurrencyPerTarget?: number;
}

/** What a look for drift works with. */
interface DriftDependencies extends EngineDependencies {
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Lets CloudFormation compare what is there with what it deployed last, in all stacks at the same time, and changes
 * nothing. It is done with the lookup roles: CloudFormation reads the resources with the permissions of the caller.
 * What the assembly says of the resources does not count, only which stacks there are. A stack that fails is in the
 * report and does not stop the others.
 *
 * @throws Failure if the caller's credentials cannot be used at all
 */
export async function detectDrift(request: DriftRequest, dependencies: DriftDependencies): Promise<DriftReport> {
  const { assembly, concurrency, concurrencyPerTarget = 5 } = request;
  const { aws, listener, signal, clock = systemClock } = dependencies;
  await requireCaller(aws);
  // Live values are masked by their names; what a template names a secret is masked wherever it turns up.
  await hideTemplateSecrets(assembly.directory);
  const wanted = new Set(request.stacks);
  const stacks = assembly.stacks.filter(({ id }) => wanted.has(id));
  const opened = await openStacks(stacks, aws, clock, { role: 'lookup' });
  const run = new Run({
    listener,
    signal,
    action: 'drift',
    subject: count(stacks.length, 'stack'),
    noun: 'stack',
    items: stacks.length,
    words: { unchanged: 'without drift', never: 'not deployed' },
    clock,
  });
  const { stacks: reports } = await runGraph<StackDrift>({
    run,
    graph: stacks.map(({ id }) => ({ id, dependencies: [] })),
    stacks,
    opened,
    request: { concurrency, concurrencyPerTarget },
    signal,
    work: (stack) => driftOf(stack, listener, signal),
    failed: (id, error) => failedDrift(id, error),
    skipped: (reason = 'interrupted before it started') => ({ ...NOTHING, outcome: 'skipped', reason }),
    endOf,
  });
  const end = run.finish();
  const drifted = reports.some(({ resources }) => resources.some(({ status }) => status !== 'unknown'));
  return { ...end, drifted, stacks: reports };
}

const NOTHING = { resources: [], notChecked: [] };

async function driftOf(
  { resolved, cloudFormation, snapshot }: OpenedStack,
  listener: Listener,
  signal: AbortSignal | undefined,
): Promise<StackDrift> {
  const { id, stackName, resources: origins } = resolved.stack;
  const current = await snapshot.read(stackName);
  // A change set that nobody has executed makes no stack.
  if (current === undefined || current.status === 'REVIEW_IN_PROGRESS') return { ...NOTHING, outcome: 'not-deployed' };
  if (current.status.endsWith('_IN_PROGRESS')) {
    const reason = `${current.status}: somebody's operation is running, try again when it has ended`;
    return { ...NOTHING, outcome: 'skipped', reason };
  }
  const step = (text: string) => listener({ type: 'item-progress', id, step: text });
  const found = await detect({ cloudFormation, stackId: current.id, origins, step, signal });
  const unknown = found.resources.filter(({ status }) => status === 'unknown');
  const [first] = unknown;
  if (first === undefined) return { ...found, outcome: found.resources.length === 0 ? 'in-sync' : 'drifted' };
  const more = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more`;
  const what = `CloudFormation could not read ${nameOf(first)}${more}: ${first.reason ?? 'it gave no reason'}`;
  const next = 'give the lookup role what it lacks, or try again';
  return { ...found, outcome: 'failed', failure: new Failure('DriftUnknown', { subject: id, what, next }).reported };
}

/** What kept a stack from being looked at. A report is a file: it does not go through what masks a log. */
function failedDrift(id: string, error: unknown): StackDrift {
  if (error instanceof Skipped) return { ...NOTHING, outcome: 'skipped', reason: error.message };
  const failure = explain(error);
  const { reported } = failure.subject === undefined ? failure.of(id) : failure;
  return { ...NOTHING, outcome: 'failed', failure: reworded(reported, redact) };
}
