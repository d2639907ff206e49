import type { Listener } from '../progress/index.ts';
import type { AssetCheck } from './asset-check.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  type BootstrapCheck,
  type Clock,
  type CloudFormation,
  type DescribedStack,
  findCauses,
  Interrupted,
  reportEvents,
  type GivenParameters,
  type Changes,
  type StackSnapshot,
  type Snapshot,
  type StackFailed,
  stackFailed,
  type ResolvedStack,
  type Watch,
} from '../cloudformation/index.ts';
import type { StackOutcome } from './request.ts';

/** What the deployment of one stack works with; all but the target is shared with others. */
export interface StackContext {
  readonly resolved: ResolvedStack;
  readonly cloudFormation: CloudFormation;
  readonly snapshot: Snapshot;
  readonly watch: Watch;
  readonly bootstrap: BootstrapCheck;
  readonly assets: AssetCheck;
  readonly checkpoint: Checkpoint;
  readonly given: GivenParameters;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly signal?: AbortSignal;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly rollback: boolean;
}

/** How the deployment of one stack ended, if not in an error. */
export interface StackResult {
  readonly outcome: StackOutcome;
  readonly notes: readonly string[];
  readonly changes: Changes;
  readonly outputs: Readonly<Record<string, string>>;
  readonly seen?: StackSnapshot;
}

/** An operation of CloudFormation that was started on a stack. */
export interface StartedOperation {
  readonly stackId: string;
  /** What its events can be told by. */
  readonly token: string;
  /** Name of the change set, where it is the execution of one. */
  readonly changeSet?: string;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The deployment of one stack while it lasts: what it works with, and what it has to say in the end. */
export class StackRun {
  readonly context: StackContext;
  readonly resolved: ResolvedStack;
  /** Sentences for the report. */
  readonly notes: string[] = [];
  /** What there was before anything changed. */
  seen: StackSnapshot | undefined;
  readonly #tried = new Set<string>();

  constructor(context: StackContext) {
    this.context = context;
    this.resolved = context.resolved;
  }

  /** Whether this is the first time that something is tried. */
  first(recovery: string): boolean {
    const first = !this.#tried.has(recovery);
    this.#tried.add(recovery);
    return first;
  }

  /** Says what is going on now. */
  step(step: string): void {
    this.context.listener({ type: 'item-progress', id: this.resolved.stack.id, step, milestone: true });
  }

  /** @throws Interrupted after an interruption; to be called before anything that cannot be taken back. */
  stopIfInterrupted(): void {
    if (this.context.signal?.aborted) throw new Interrupted();
  }

  /**
   * Waits for the end of an operation and tells what its resources are doing.
   *
   * @param before the stack as it was before, undefined for a new one
   * @param total how many resources take part
   */
  async follow(
    operation: StartedOperation,
    before: DescribedStack | undefined,
    total: number,
  ): Promise<DescribedStack> {
    const { cloudFormation, clock, listener, watch } = this.context;
    const over = new AbortController();
    const { stackId, token } = operation;
    const live = { id: this.resolved.stack.id, stackId, token, total: Math.max(total, 1) };
    const reporting = reportEvents(cloudFormation, clock, listener, live, over.signal);
    try {
      return await watch.follow(stackId, { before, changeSet: operation.changeSet });
    } finally {
      over.abort();
      await reporting;
    }
  }

  /** The error for an operation that did not end well, with its root cause. */
  async failed(what: string, ended: DescribedStack, operation: StartedOperation): Promise<StackFailed> {
    const { cloudFormation } = this.context;
    const causes = await findCauses(cloudFormation, ended.id, operation, this.resolved.stack).catch(() => []);
    return stackFailed(this.resolved, what, ended.status, ended.statusReason, causes);
  }

  result(outcome: StackOutcome, changes: Changes, outputs: StackResult['outputs']): StackResult {
    return { outcome, notes: this.notes, changes, outputs, ...(this.seen && { seen: this.seen }) };
  }
}
