import { type ChangeSet, type DeployGate, type PendingStack } from '../cloudformation/index.ts';

/** The run may change nothing: a gate has refused it, as the failure of another stack tells. */
export class Blocked extends Error {
  constructor() {
    super('nothing changes, since the run was refused');
    this.name = 'Withheld';
  }
}

/** Where a run asks its gates. Shared by all stacks of the run. */
export class Checkpoint {
  readonly #gates: readonly DeployGate[];
  readonly #pending: () => Promise<readonly PendingStack[]>;
  #answer: Promise<void> | undefined;
  #told = false;

  /** @param pending finds the stacks that are not known to be unchanged; asked only where a gate wants to know */
  constructor(gates: readonly DeployGate[], pending: () => Promise<readonly PendingStack[]>) {
    this.#gates = gates;
    this.#pending = pending;
  }

  /**
   * Lets the gates begin to look: a stack is about to change, and finds out what else it needs to know in the meantime.
   */
  open(): void {
    // Whoever passes is told.
    this.#asked().catch(() => undefined);
  }

  /**
   * To be passed before anything is changed. The first stack that comes here finds out for all.
   *
   * @throws the gate's Failure for the first stack; Withheld for all others
   */
  async pass(): Promise<void> {
    const first = !this.#told;
    this.#told = true;
    return this.#asked().catch((refusal: unknown) => {
      throw first ? refusal : new Blocked();
    });
  }

  /** To be passed before a change set is executed. @throws the gate's Failure */
  async admit(stack: PendingStack, changeSet: ChangeSet): Promise<void> {
    for (const gate of this.#gates) await gate.admit?.(stack, changeSet);
  }

  /** Whether a gate has seen that everything is there which the stack needs. */
  hasVerified(stackId: string): boolean {
    return this.#gates.some((gate) => gate.hasVerified?.(stackId));
  }

  #asked(): Promise<void> {
    return (this.#answer ??= this.#ask());
  }

  async #ask(): Promise<void> {
    if (!this.#gates.some(({ check }) => check !== undefined)) return;
    const pending = await this.#pending();
    for (const gate of this.#gates) await gate.check?.(pending);
  }
}
