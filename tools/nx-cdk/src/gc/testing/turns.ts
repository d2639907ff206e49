import type { Turn } from './shared-account.ts';

interface Waiting {
  readonly actor: string;
  readonly since: number;
  readonly go: () => void;
}

/** How many requests of others may arrive before one that waits: none is on its way for ever. */
const PATIENCE = 4;

interface TurnOptions {
  /** None of its requests arrives any more from this one on. */
  readonly kill?: { readonly actor: string; readonly at: number };
  /** It begins when this many requests of others have arrived. */
  readonly late?: { readonly actor: string; readonly until: number };
}

/**
 * Lets requests of several actors arrive one at a time, in an order that a number decides: the same number, the same
 * order. An actor can be killed before one of its requests, which then never arrives.
 */
export class Turns {
  #waiting: Waiting[] = [];
  #state: number;
  #count = 0;
  #made = new Map<string, number>();
  readonly #options: TurnOptions;

  constructor(seed: number, options: TurnOptions = {}) {
    this.#state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
    this.#options = options;
  }

  readonly turn: Turn = (actor) => {
    const made = (this.#made.get(actor) ?? 0) + 1;
    this.#made.set(actor, made);
    const { promise, resolve } = Promise.withResolvers<void>();
    const { kill } = this.#options;
    if (kill?.actor !== actor || made < kill.at) {
      this.#waiting.push({ actor, since: this.#count, go: resolve });
    }
    return promise;
  };

  /** Lets requests arrive until a piece of work is done. */
  async until(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = () => (isDone = true);
    void work.then(done, done);
    while (!isDone) {
      // Everybody who can ask does so first.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const free = this.#waiting.filter(({ actor }) => !this.#isHeldBack(actor));
      const ready = free.length > 0 ? free : this.#waiting;
      const next = ready.find(({ since }) => this.#count - since >= PATIENCE) ?? ready[this.#next(ready.length)];
      if (next === undefined) continue;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#count += 1;
      next.go();
    }
    await work;
  }

  #isHeldBack(actor: string): boolean {
    const { late } = this.#options;
    return late?.actor === actor && this.#count < late.until;
  }

  /** A number from 0 to below `limit`, by a linear congruence. */
  #next(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return limit === 0 ? 0 : Math.floor((this.#state / 2 ** 32) * limit);
  }
}
