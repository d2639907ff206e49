import type { CloudFormation, DescribedStack } from './client.ts';
import type { Clock } from './clock.ts';

/** Answers older than this are asked for again: somebody else may have started something in the meantime. */
const MAXIMUM_AGE = 30_000;

interface Listing {
  readonly found: ReadonlyMap<string, DescribedStack>;
  /** False if the listing was given up before its end: a name that is not in it may exist all the same. */
  readonly complete: boolean;
}

/**
 * What CloudFormation holds of the stacks of a run, in one account and region. One paginated DescribeStacks answers for
 * all of them, unless that costs more than it saves: one or two stacks are asked for one by one, and a listing is given
 * up after as many pages as there are stacks to ask for (some accounts hold thousands of others).
 */
export class Snapshot {
  readonly #cloudFormation: CloudFormation;
  readonly #stacks: ReadonlyMap<string, () => Promise<DescribedStack | undefined>>;
  readonly #listing: () => Promise<Listing>;

  /** @param names the stacks of the run */
  constructor(cloudFormation: CloudFormation, names: readonly string[]) {
    const { clock } = cloudFormation;
    this.#cloudFormation = cloudFormation;
    // Remembered, because gates want to know of all stacks right before the first one changes.
    this.#stacks = new Map(names.map((name) => [name, remembered(clock, () => cloudFormation.describe(name))]));
    this.#listing = remembered(clock, () => this.#list());
  }

  /** @param name one of the stacks of the run */
  async read(name: string): Promise<DescribedStack | undefined> {
    if (this.#stacks.size <= 2) return this.#stacks.get(name)!();
    const { found, complete } = await this.#listing();
    const stack = found.get(name);
    return stack || complete ? stack : this.#cloudFormation.describe(name);
  }

  async #list(): Promise<Listing> {
    const found = new Map<string, DescribedStack>();
    let token: string | undefined;
    for (let page = 0; page < this.#stacks.size; page += 1) {
      const { stacks, next } = await this.#cloudFormation.describePage(token);
      for (const stack of stacks) if (this.#stacks.has(stack.name)) found.set(stack.name, stack);
      if (!next || found.size === this.#stacks.size) return { found, complete: true };
      token = next;
    }
    return { found, complete: false };
  }
}

/** Asks once, and again if the answer is too old. */
function remembered<Answer>(clock: Clock, ask: () => Promise<Answer>): () => Promise<Answer> {
  let last: { readonly answer: Promise<Answer>; readonly askedAt: number } | undefined;
  return () => {
    const now = clock.now();
    if (!last || now - last.askedAt > MAXIMUM_AGE) last = { answer: ask(), askedAt: now };
    return last.answer;
  };
}
