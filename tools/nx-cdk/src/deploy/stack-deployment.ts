import {
  type DescribedStack,
  type DesiredStack,
  type OpenedStack,
  readTimeline,
  reportEvents,
  type SeenStack,
  seenStack,
  type StackOperation,
  type StackState,
} from '../cloudformation/index.ts';
import type { Gates } from './gates.ts';
import type { StackRun } from './run-stacks.ts';

/** The deployment of one stack while it lasts: what it works with, and what it has to say in the end. */
export class StackDeployment {
  readonly stack: OpenedStack;
  readonly run: StackRun;
  readonly gates: Gates;
  readonly desired: DesiredStack;
  /** What there was before anything changed. */
  readonly seen: SeenStack;
  /** The outputs that the stack had before; undefined if there was none. */
  readonly outputsBefore?: Readonly<Record<string, string>>;
  /** For the report: why the stack was not unchanged, and what was special on the way. */
  readonly notes: string[] = [];
  readonly #shownAs: string;

  /** @param shownAs item of the display; another stack's if this one has ended there already */
  constructor(stack: OpenedStack, run: StackRun, gates: Gates, state: StackState, shownAs?: string) {
    this.#shownAs = shownAs ?? stack.resolved.stack.id;
    this.stack = stack;
    this.run = run;
    this.gates = gates;
    this.desired = state.desired;
    this.seen = seenStack(state);
    this.outputsBefore = state.current?.outputs;
  }

  get id(): string {
    return this.stack.resolved.stack.id;
  }

  /** Says what is going on now. */
  step(step: string): void {
    const shown = this.#shownAs === this.id ? step : `${this.id}: ${step}`;
    this.run.listener({ type: 'item-progress', id: this.#shownAs, step: shown, milestone: true });
  }

  /**
   * Waits for the end of an operation, and reports what its resources are doing.
   *
   * @param before the stack as it was before, undefined for a new one
   * @param total how many resources take part
   * @param changeSet name of the change set, if the operation is the execution of one
   */
  async follow(
    operation: StackOperation,
    before: DescribedStack | undefined,
    total = 1,
    changeSet?: string,
  ): Promise<DescribedStack> {
    const { cloudFormation, watch } = this.stack;
    const over = new AbortController();
    const began = cloudFormation.clock.now();
    const item = { id: this.#shownAs, total: Math.max(total, 1) };
    // Not waited for: a read that only feeds the display must not delay the end.
    reportEvents(cloudFormation, this.run.listener, operation, item, over.signal).catch(() => undefined);
    try {
      return await watch.follow(operation.stackId, { before, changeSet });
    } finally {
      over.abort();
      if (this.run.timelines !== undefined) this.run.timelines.push(this.#tellTimeline(operation, began));
    }
  }

  /** Only for pages: nothing waits for it but the end of the run, and an error leaves the page without it. */
  async #tellTimeline(operation: StackOperation, began: number): Promise<void> {
    const { cloudFormation, resolved } = this.stack;
    const parts = await readTimeline(cloudFormation, operation, resolved.stack).catch(() => []);
    const since = cloudFormation.clock.now() - began;
    if (parts.length > 0) this.run.listener({ type: 'item-parts', id: this.#shownAs, since, parts });
  }
}
