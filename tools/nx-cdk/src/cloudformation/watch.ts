import { isDeepStrictEqual } from 'node:util';
import { nameOfChangeSet } from './change-set-name.ts';
import type { CloudFormation } from './client.ts';
import { type DescribedStack, described } from './described-stack.ts';
import { isInProgress } from './stack-status.ts';

/** Milliseconds between two looks: short at first, because small stacks are done in seconds, then longer and longer. */
const DELAYS = [50, 150, 300, 700, 1200, 2000, 3000, 4000];

/** Milliseconds that DescribeStacks may return the state before an operation: it is eventually consistent. */
const GRACE = 20_000;

/** A stack is left as it is, and nothing is wrong with it. The message says why. */
export class Skipped extends Error {
  constructor(why = 'interrupted before anything changed') {
    super(why);
  }
}

/** How to tell the operation that is followed from the one before. */
export interface Expectation {
  /** The stack as it was before the operation; without it, its state is taken as it is found. */
  readonly before?: DescribedStack;
  /** Name of the change set that was executed. */
  readonly changeSet?: string;
}

interface Follower extends Expectation, Pick<PromiseWithResolvers<DescribedStack>, 'resolve' | 'reject'> {
  readonly id: string;
  readonly since: number;
}

/** Follows every running operation of an account and region with one poll for all of them. */
export class Watch {
  readonly #cloudFormation: CloudFormation;
  readonly #followers = new Map<string, Follower>();
  #looping = false;
  #step = 0;
  #pages = 1;
  #wake = new AbortController();

  constructor(cloudFormation: CloudFormation) {
    this.#cloudFormation = cloudFormation;
  }

  /**
   * Waits for the end of the operation on a stack.
   *
   * @param id stack id, not its name: the name of a deleted stack finds nothing, or the next one
   * @param signal ends the waiting, not the operation; rejects with `Skipped`
   * @returns the stack as it is then; with status `DELETE_COMPLETE` if it is gone
   */
  async follow(id: string, expectation: Expectation = {}, signal?: AbortSignal): Promise<DescribedStack> {
    const { promise, resolve, reject } = Promise.withResolvers<DescribedStack>();
    const giveUp = () => {
      this.#followers.delete(id);
      this.#wake.abort();
      reject(new Skipped());
    };
    if (signal?.aborted) throw new Skipped();
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#followers.set(id, { id, ...expectation, since: this.#cloudFormation.clock.now(), resolve, reject });
    this.#step = 0;
    this.#wake.abort();
    if (!this.#looping) void this.#loop();
    return promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  async #loop(): Promise<void> {
    this.#looping = true;
    while (this.#followers.size > 0) {
      this.#wake = new AbortController();
      // A newcomer shortens a long wait to the shortest one; it does not poll at once, so that ten newcomers cost one
      // poll.
      const delay = DELAYS[Math.min(this.#step, DELAYS.length - 1)]!;
      await this.#cloudFormation.clock.sleep(delay, this.#step > 1 ? this.#wake.signal : undefined);
      if (this.#wake.signal.aborted && delay > DELAYS[0]!) await this.#cloudFormation.clock.sleep(DELAYS[0]!);
      this.#step += 1;
      await this.#look();
    }
    this.#looping = false;
  }

  async #look(): Promise<void> {
    const asked = [...this.#followers.values()];
    try {
      const states = asked.length <= this.#pages ? await this.#byId(asked) : await this.#byListing(asked);
      for (const follower of asked) {
        const stack = states.get(follower.id);
        if (!stack || !this.#isOver(stack, follower)) continue;
        this.#followers.delete(follower.id);
        follower.resolve(stack);
      }
    } catch (error) {
      for (const follower of asked) {
        this.#followers.delete(follower.id);
        follower.reject(error);
      }
    }
  }

  async #byId(asked: readonly Follower[]): Promise<Map<string, DescribedStack>> {
    const gone = (id: string) =>
      described({ StackId: id, StackName: id.split('/')[1], StackStatus: 'DELETE_COMPLETE' });
    const look = async ({ id }: Follower) => [id, (await this.#cloudFormation.describe(id)) ?? gone(id)] as const;
    return new Map(await Promise.all(asked.map(look)));
  }

  async #byListing(asked: readonly Follower[]): Promise<Map<string, DescribedStack>> {
    const wanted = new Set(asked.map(({ id }) => id));
    const states = new Map<string, DescribedStack>();
    let pages = 0;
    let token: string | undefined;
    do {
      const { stacks, next } = await this.#cloudFormation.describePage(token);
      pages += 1;
      for (const stack of stacks) if (wanted.has(stack.id)) states.set(stack.id, stack);
      token = next;
    } while (token && states.size < wanted.size);
    this.#pages = pages;
    // A deleted stack is in no listing; only its id still finds it.
    return new Map([...states, ...(await this.#byId(asked.filter(({ id }) => !states.has(id))))]);
  }

  #isOver(stack: DescribedStack, { before, changeSet, since }: Follower): boolean {
    // The cleanup of an update deletes what was replaced; the update itself is done, and dependents may start.
    if (stack.status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' && (before ?? changeSet)) return true;
    if (isInProgress(stack.status)) return false;
    if (this.#cloudFormation.clock.now() - since > GRACE) return true;
    // The execution of a change set is not visible yet, nor may a new stack be.
    if (stack.status === 'REVIEW_IN_PROGRESS' || (stack.status === 'DELETE_COMPLETE' && changeSet)) return false;
    // If CloudFormation names the change set that was executed last, that is the proof; else anything that changed.
    if (changeSet && stack.changeSetId) return nameOfChangeSet(stack.changeSetId) === changeSet;
    const seen = ({ status, updatedAt, changeSetId }: DescribedStack) => [status, updatedAt, changeSetId];
    return !before || !isDeepStrictEqual(seen(stack), seen(before));
  }
}
