import type { Failure } from '../failure/index.ts';
import type { ItemEnd, ItemStarted, Listener, RunStarted } from './events.ts';
import { type Outcome, OUTCOMES } from './outcome.ts';

/** What a run is, and what it reports to. */
export interface RunOptions extends Omit<RunStarted, 'type'> {
  readonly listener: Listener;
  /** What one item is, in the singular: `stack`. */
  readonly noun: string;
  /** Outcomes that read better in other words in the summary. @default - as they are */
  readonly words?: Partial<Record<Outcome, string>>;
  /** When it fires, `each` starts no further item. */
  readonly signal?: AbortSignal;
  /** Milliseconds since any moment. @default - the clock of the process */
  readonly clock?: { now(): number };
  /** When the work began, on that clock. @default - now */
  readonly startedAt?: number;
}

/** What one line of the display stands for. */
export interface RunItem extends Omit<ItemStarted, 'type' | 'label'> {
  /** What people read. @default - the id */
  readonly label?: string;
  /** What it counts as in the summary, in the singular. @default - the noun of the run */
  readonly noun?: string;
}

/** How an item ended, and how long it took. */
type Timed<End> = End & { readonly seconds: number };

/** How a run ended. */
export interface RunEnd {
  /** True if no item failed or was skipped. */
  readonly success: boolean;
  /** True if the run was interrupted before it was done. */
  readonly interrupted: boolean;
  readonly milliseconds: number;
}

/** The end of an item that an interruption kept from starting. */
export const NOT_STARTED = { outcome: 'skipped', detail: 'interrupted before it started' } as const;

/** The end of an item whose work failed. */
export function failedItem({ message, reported }: Failure) {
  return { outcome: 'failed', detail: message, failure: reported } as const;
}

/**
 * Sends the events of a run: the run starts, items start and finish, the run finishes with a summary of how they ended.
 *
 *     const run = new Run({ listener, signal, action: 'rollback', subject: '3 stacks', noun: 'stack', items: 3 });
 *     const ended = await run.each(stacks, 10, nameOf, (stack) => work(stack).catch(failed));
 *     return { ...run.finish(), stacks: ended };
 */
export class Run {
  readonly #options: RunOptions;
  readonly #clock: { now(): number };
  readonly #startedAt: number;
  readonly #ends: { readonly outcome: Outcome; readonly noun: string }[] = [];

  constructor(options: RunOptions) {
    const { listener, action, items, subject, order, clock = performance } = options;
    this.#options = options;
    this.#clock = clock;
    this.#startedAt = options.startedAt ?? clock.now();
    listener({ type: 'run-started', action, items, subject, ...(order && { order }) });
  }

  /** Works on an item. @param work must not reject: what goes wrong with an item is how it ends */
  async item<End extends ItemEnd>(
    { id, label = id, where, noun }: RunItem,
    work: () => Promise<End>,
  ): Promise<Timed<End>> {
    const startedAt = this.#clock.now();
    this.#options.listener({ type: 'item-started', id, label, ...(where && { where }) });
    return this.end(id, await work(), this.#clock.now() - startedAt, noun);
  }

  /** Sends the end of an item. @param time milliseconds that it took; 0 if there was no work */
  end<End extends ItemEnd>(id: string, end: End, time = 0, noun = this.#options.noun): Timed<End> {
    const { outcome, detail, lines, failure } = end;
    const milliseconds = Math.max(Math.round(time), 0);
    this.#ends.push({ outcome, noun });
    const told = { ...(detail && { detail }), ...(lines?.length && { lines }), ...(failure && { failure }) };
    this.#options.listener({ type: 'item-finished', id, outcome, ...told, milliseconds });
    return { ...end, seconds: milliseconds / 1000 };
  }

  /** Works on items, at most `limit` at a time and in no particular order. None starts after an interruption. */
  async each<Thing, End extends ItemEnd>(
    things: readonly Thing[],
    limit: number,
    nameOf: (thing: Thing) => RunItem,
    work: (thing: Thing) => Promise<End>,
  ): Promise<Timed<End | typeof NOT_STARTED>[]> {
    const { default: pLimit } = await import('p-limit');
    const place = pLimit(Math.max(1, limit));
    const one = (thing: Thing) =>
      this.item<End | typeof NOT_STARTED>(nameOf(thing), async () =>
        this.#options.signal?.aborted ? NOT_STARTED : work(thing),
      );
    return Promise.all(things.map((thing) => place(() => one(thing))));
  }

  /**
   * Sends the end of the run.
   *
   * @param summary one line for people
   *   @default - how many items ended in which way: `4 stacks: 1 updated, 3 unchanged; 1 check: 1 passed`
   * @param success false if something besides the items went wrong
   */
  finish(summary: string = this.#summary(), success = true): RunEnd {
    const { listener, signal } = this.#options;
    const all = success && this.#ends.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
    const milliseconds = Math.round(this.#clock.now() - this.#startedAt);
    listener({ type: 'run-finished', success: all, summary, milliseconds });
    return { success: all, interrupted: signal?.aborted ?? false, milliseconds };
  }

  #summary(): string {
    const nouns = new Set([this.#options.noun, ...this.#ends.map(({ noun }) => noun)]);
    return [...nouns].map((noun) => this.#summaryOf(noun)).join('; ');
  }

  #summaryOf(noun: string): string {
    const outcomes = this.#ends.filter((end) => end.noun === noun).map(({ outcome }) => outcome);
    const parts = (Object.keys(OUTCOMES) as Outcome[]).flatMap((outcome) => {
      const number = outcomes.filter((each) => each === outcome).length;
      return number > 0 ? `${number} ${this.#options.words?.[outcome] ?? outcome}` : [];
    });
    return `${count(outcomes.length, noun)}: ${parts.join(', ') || 'nothing to do'}`;
  }
}

/** `1 stack`, `2 stacks` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
