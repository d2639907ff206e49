import type { CloudFormation } from './client.ts';
import type { DescribedStack } from './described-stack.ts';
import type { Clock } from './clock.ts';

/** Answers older than this are asked for again: somebody else may have started something in the meantime. */
const MAXIMUM_AGE = 30_000;

/** So few stacks are asked for one by one, and of a listing only the first page is. */
const FEW = 2;

/** What a snapshot asks for. */
export interface SnapshotOptions {
  /**
   * Which other stacks to remember. Few stacks are then listed as well, instead of asked for one by one: a page is one
   * request, as one stack is.
   *
   * @default none
   */
  readonly others?: (stack: DescribedStack) => boolean;
}

/** The other stacks of an account and region that were seen. */
export interface OtherStacks {
  readonly stacks: readonly DescribedStack[];
  /** False if there are stacks that nobody looked at. */
  readonly complete: boolean;
}

interface Listing {
  readonly found: ReadonlyMap<string, DescribedStack>;
  /** False if the listing was given up before its end: a name that is not in it may exist all the same. */
  readonly complete: boolean;
}

/**
 * What CloudFormation holds of the stacks of a run, in one account and region. One paginated DescribeStacks answers for
 * all of them, unless that costs more than it saves: a listing is given up after as many pages as there are stacks to
 * ask for (some accounts hold thousands of others). Of few stacks, it is given up after one page, or not made at all.
 */
export class Snapshot {
  readonly #cloudFormation: CloudFormation;
  readonly #stacks: ReadonlyMap<string, () => Promise<DescribedStack | undefined>>;
  readonly #listing: (() => Promise<Listing>) | undefined;
  readonly #isOther: (stack: DescribedStack) => boolean;
  #others: OtherStacks = { stacks: [], complete: false };

  /** @param names the stacks of the run */
  constructor(cloudFormation: CloudFormation, names: readonly string[], { others }: SnapshotOptions = {}) {
    const { clock } = cloudFormation;
    this.#cloudFormation = cloudFormation;
    // Remembered, because gates want to know of all stacks right before the first one changes.
    this.#stacks = new Map(names.map((name) => [name, remembered(clock, () => cloudFormation.describe(name))]));
    this.#isOther = others ?? (() => false);
    const isListed = names.length > FEW || others !== undefined;
    this.#listing = isListed ? remembered(clock, () => this.#list()) : undefined;
  }

  /** The other stacks that the last listing has shown. Asks for nothing. */
  get others(): OtherStacks {
    return this.#others;
  }

  /** @param name one of the stacks of the run */
  async read(name: string): Promise<DescribedStack | undefined> {
    const listing = await this.#listing?.();
    const stack = listing?.found.get(name);
    return stack || listing?.complete ? stack : this.#stacks.get(name)!();
  }

  async #list(): Promise<Listing> {
    const found = new Map<string, DescribedStack>();
    const others: DescribedStack[] = [];
    const ended = (complete: boolean, next: string | undefined): Listing => {
      this.#others = { stacks: others, complete: !next };
      return { found, complete };
    };
    const pages = this.#stacks.size > FEW ? this.#stacks.size : 1;
    let token: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const { stacks, next } = await this.#cloudFormation.describePage(token);
      for (const stack of stacks) {
        if (this.#stacks.has(stack.name)) found.set(stack.name, stack);
        else if (this.#isOther(stack)) others.push(stack);
      }
      if (!next || found.size === this.#stacks.size) return ended(true, next);
      token = next;
    }
    return ended(false, token);
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
