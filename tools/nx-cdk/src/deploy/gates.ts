import {
  type ChangeSet,
  type DeployGate,
  type ResolvedStack,
  Skipped,
  type StackState,
} from '../cloudformation/index.ts';
import type { ExportsInUse } from './exports.ts';
import { pendingStacks, type StackRun } from './run-stacks.ts';

/** The gates of a run, shared by all of its stacks. */
export class Gates {
  readonly #gates: readonly DeployGate[];
  readonly #run: StackRun;
  readonly #exports: ExportsInUse;
  #answer: Promise<void> | undefined;
  #told = false;

  constructor(gates: readonly DeployGate[], run: StackRun, exports: ExportsInUse) {
    this.#gates = gates;
    this.#run = run;
    this.#exports = exports;
  }

  /** Starts the check, so that a stack which is about to change can do other things meanwhile. */
  begin(): void {
    // `pass` throws the refusal.
    this.#ask().catch(() => undefined);
  }

  /** To be called before anything is changed. @throws the gate's Failure for the first stack; Skipped for all others */
  async pass(): Promise<void> {
    const first = !this.#told;
    this.#told = true;
    return this.#ask().catch((refusal: unknown) => {
      throw first ? refusal : new Skipped('nothing of this run may change');
    });
  }

  /** To be called before a change set is executed. @throws the gate's Failure */
  async admit(stack: StackState, changeSet: ChangeSet): Promise<void> {
    for (const gate of this.#gates) await gate.admit?.(stack, changeSet);
  }

  /** To be called before termination protection is switched. @throws the gate's Failure */
  async admitProtection(stack: ResolvedStack, enabled: boolean): Promise<void> {
    for (const gate of this.#gates) await gate.admitProtection?.(stack, enabled);
  }

  /** Whether a gate has checked that everything is published which the stack needs. */
  hasVerified(stackId: string): boolean {
    return this.#gates.some((gate) => gate.hasVerified?.(stackId));
  }

  #ask(): Promise<void> {
    return (this.#answer ??= this.#check());
  }

  async #check(): Promise<void> {
    const pending = await pendingStacks(this.#run);
    for (const gate of this.#gates) await gate.check?.(pending);
    await this.#exports.find();
  }
}
