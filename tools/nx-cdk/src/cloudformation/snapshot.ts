import type { CloudFormation, DescribedStack } from './client.ts';

/** Answers older than this are asked for again: somebody else may have started something in the meantime. */
const MAXIMUM_AGE = 30_000;

interface Listing {
  readonly found: ReadonlyMap<string, DescribedStack>;
  /** False if the listing was given up before its end: a name that is not in it may exist all the same. */
  readonly complete: boolean;
}

/**
 * What CloudFormation holds of the stacks that a run is about, in one account and region. One paginated DescribeStacks
 * answers for all of them, unless that costs more than it saves: one or two stacks are asked for one by one, and a
 * listing is given up after as many pages as there are stacks to ask for (some accounts hold thousands of others).
 */
export class Snapshot {
  readonly #cloudFormation: CloudFormation;
  readonly #names: ReadonlySet<string>;
  #listing: Promise<Listing> | undefined;
  #startedAt = 0;
  readonly #described = new Map<
    string,
    { readonly stack: Promise<DescribedStack | undefined>; readonly startedAt: number }
  >();

  /** @param names the stacks that the run is about */
  constructor(cloudFormation: CloudFormation, names: Iterable<string>) {
    this.#cloudFormation = cloudFormation;
    this.#names = new Set(names);
  }

  async read(name: string): Promise<DescribedStack | undefined> {
    if (this.#names.size <= 2) return this.#describe(name);
    if (!this.#listing || this.#cloudFormation.clock.now() - this.#startedAt > MAXIMUM_AGE) {
      this.#startedAt = this.#cloudFormation.clock.now();
      this.#listing = this.#list();
    }
    const listing = await this.#listing;
    const stack = listing.found.get(name);
    return stack || listing.complete ? stack : this.#cloudFormation.describe(name);
  }

  /** Remembered, because gates want to know of all stacks right before the first one changes. */
  #describe(name: string): Promise<DescribedStack | undefined> {
    const known = this.#described.get(name);
    if (known && this.#cloudFormation.clock.now() - known.startedAt <= MAXIMUM_AGE) return known.stack;
    const stack = this.#cloudFormation.describe(name);
    this.#described.set(name, { stack, startedAt: this.#cloudFormation.clock.now() });
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
