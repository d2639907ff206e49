import type { Clock } from './clock.ts';
import type { CloudFormation, DescribedStack } from './client.ts';

/** Answers older than this are asked for again: somebody else may have started something in the meantime. */
const MAXIMUM_AGE = 30_000;

interface Listing {
  readonly found: ReadonlyMap<string, DescribedStack>;
  /** False where the listing was given up before its end: a name that is not in it may exist all the same. */
  readonly complete: boolean;
}

/**
 * What CloudFormation holds of the stacks that a run is about, in one account and region. One paginated DescribeStacks
 * answers for all of them. It is not used where it would cost more than it saves: for one or two stacks, and beyond
 * as many pages as there are stacks to ask for (accounts exist that hold thousands of others).
 */
export class Snapshot {
  readonly #cloudFormation: CloudFormation;
  readonly #names: ReadonlySet<string>;
  readonly #clock: Clock;
  #listing: Promise<Listing> | undefined;
  #startedAt = 0;
  readonly #described = new Map<
    string,
    { readonly stack: Promise<DescribedStack | undefined>; readonly startedAt: number }
  >();

  /** @param names the stacks that the run is about */
  constructor(cloudFormation: CloudFormation, names: Iterable<string>, clock: Clock) {
    this.#cloudFormation = cloudFormation;
    this.#names = new Set(names);
    this.#clock = clock;
  }

  async read(name: string): Promise<DescribedStack | undefined> {
    if (this.#names.size <= 2) return this.#describe(name);
    if (!this.#listing || this.#clock.now() - this.#startedAt > MAXIMUM_AGE) {
      this.#startedAt = this.#clock.now();
      this.#listing = this.#list();
    }
    const listing = await this.#listing;
    const stack = listing.found.get(name);
    return stack || listing.complete ? stack : this.#cloudFormation.describe(name);
  }

  /** Twice in a row where something is to be found out about all stacks before the first one changes. */
  #describe(name: string): Promise<DescribedStack | undefined> {
    const known = this.#described.get(name);
    if (known && this.#clock.now() - known.startedAt <= MAXIMUM_AGE) return known.stack;
    const stack = this.#cloudFormation.describe(name);
    this.#described.set(name, { stack, startedAt: this.#clock.now() });
    return stack;
  }

  async #list(): Promise<Listing> {
    const found = new Map<string, DescribedStack>();
    let token: string | undefined;
    for (let page = 0; page < this.#names.size; page += 1) {
      const { stacks, next } = await this.#cloudFormation.describePage(token);
      for (const stack of stacks) if (this.#names.has(stack.name)) found.set(stack.name, stack);
      if (!next || found.size === this.#names.size) return { found, complete: true };
      token = next;
    }
    return { found, complete: false };
  }
}
