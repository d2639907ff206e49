import pLimit from 'p-limit';
import {
  type ChangeSet,
  type DeployGate,
  isKnownUnchanged,
  readState,
  type StackState,
} from '../cloudformation/index.ts';
import { Blocked } from './report.ts';
import type { StackRun } from './run-stacks.ts';

/** The gates of a run, shared by all of its stacks. */
export class Gates {
  readonly #gates: readonly DeployGate[];
  readonly #run: StackRun;
  #answer: Promise<void> | undefined;
  #told = false;

  constructor(gates: readonly DeployGate[], run: StackRun) {
    this.#gates = gates;
    this.#run = run;
  }

  /** Lets the gates begin to look: a stack is about to change, and finds out what else it needs to know meanwhile. */
  begin(): void {
    // The refusal is told by `pass`.
    this.#ask().catch(() => undefined);
  }

  /**
   * To be called before anything is changed. The first stack that comes here asks for all.
   *
   * @throws the gate's Failure for the first stack; Blocked for all others
   */
  async pass(): Promise<void> {
    const first = !this.#told;
    this.#told = true;
    return this.#ask().catch((refusal: unknown) => {
      throw first ? refusal : new Blocked();
    });
  }

  /** To be called before a change set is executed. @throws the gate's Failure */
  async admit(stack: StackState, changeSet: ChangeSet): Promise<void> {
    for (const gate of this.#gates) await gate.admit?.(stack, changeSet);
  }

  /** Whether a gate has seen that everything is there which the stack needs. */
  hasVerified(stackId: string): boolean {
    return this.#gates.some((gate) => gate.hasVerified?.(stackId));
  }

  #ask(): Promise<void> {
    return (this.#answer ??= this.#check());
  }

  async #check(): Promise<void> {
    if (!this.#gates.some(({ check }) => check !== undefined)) return;
    const pending = await pendingStacks(this.#run);
    for (const gate of this.#gates) await gate.check?.(pending);
  }
}

/** Templates read at a time: each may have a megabyte. */
const READ_AT_ONCE = 8;

/**
 * The stacks that are not known to be unchanged, in the order of the assembly. If only the deployed template could
 * tell, a stack counts as pending: a gate that looks at too much is slower, one that looks at too little is none.
 *
 * A stack that cannot be looked at is left out. It fails by itself, before it changes.
 */
async function pendingStacks({ opened, given, request }: StackRun): Promise<StackState[]> {
  const limit = pLimit(READ_AT_ONCE);
  const looks = opened.all.map((stack) =>
    limit(async () => {
      const state = await readState(stack, given).catch(() => undefined);
      if (state === undefined) return [];
      const { desired, current } = state;
      return !request.force && current && isKnownUnchanged(desired, current) ? [] : [state];
    }),
  );
  return (await Promise.all(looks)).flat();
}
