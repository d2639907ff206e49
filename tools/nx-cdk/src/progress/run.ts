import type { Failure, ReportedFailure } from '../failure/index.ts';
import type { Listener, Outcome } from './events.ts';

/** What a run is, and what it reports to. */
export interface RunOptions {
  readonly listener: Listener;
  /** `deploy`, `destroy (dry run)` */
  readonly action: string;
  /** What the run is about, such as `4 stacks in 2 targets`. */
  readonly subject: string;
  /** What one item is, in the singular: `stack`. */
  readonly noun: string;
  readonly items: number;
  /** Outcomes that read better in other words in the summary. @default - as they are */
  readonly words?: Partial<Record<Outcome, string>>;
  /** When it fires, `each` starts no further item. */
  readonly signal?: AbortSignal;
  /** Tells milliseconds since any moment. @default - the clock of the process */
  readonly clock?: { now(): number };
  /** When the work began, on that clock. @default - now */
  readonly startedAt?: number;
}

/** What one line of the display stands for. */
export interface RunItem {
  readonly id: string;
  /** What people read. @default - the id */
  readonly label?: string;
  /** `111111111111/eu-west-1` */
  readonly where?: string;
}

/** How an item ended. What engines add to it stays with it. */
export interface ItemEnd {
  readonly outcome: Outcome;
  readonly detail?: string;
  readonly lines?: readonly string[];
  /** Why it failed, as data. */
  readonly failure?: ReportedFailure;
}

/** How a run ended. */
export interface RunEnd {
  /** True if no item failed or was skipped. */
  readonly success: boolean;
  /** True if the run was interrupted before it was done. */
  readonly interrupted: boolean;
  readonly milliseconds: number;
}

const OUTCOMES: readonly Outcome[] = [
  'created',
  'updated',
  'deleted',
  'uploaded',
  'replaced',
  'passed',
  'planned',
  'unchanged',
  'failed',
  'skipped',
];

/** The end of an item that an interruption kept from starting. */
export const NOT_STARTED = { outcome: 'skipped', detail: 'interrupted before it started' } as const;

/** The end of an item whose work failed. */
export function failedItem({ code, message, denied }: Failure) {
  const failure: ReportedFailure = { code, message, ...(denied && { denied }) };
  return { outcome: 'failed', detail: message, failure } as const;
}

/**
 * The events of a run, told once for all engines: the run starts, items start and finish, the run finishes with a
 * summary of how they ended.
 *
 *     const run = new Run({ listener, signal, action: 'rollback', subject: '3 stacks', noun: 'stack', items: 3 });
 *     const ended = await run.each(stacks, 10, nameOf, (stack) => work(stack).catch(failed));
 *     return { ...run.finish(), stacks: ended };
 */
export class Run {
  readonly #options: RunOptions;
  readonly #clock: { now(): number };
  readonly #startedAt: number;
  readonly #outcomes: Outcome[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
    this.#clock = options.clock ?? performance;
    this.#startedAt = options.startedAt ?? this.#clock.now();
    const { listener, action, items, subject } = options;
    listener({ type: 'run-started', action, items, subject });
  }

  /**
   * Works on an item, and tells its start and its end.
   *
   * @param work must not reject: what goes wrong with an item is how it ends
   */
  async item<End extends ItemEnd>(
    item: RunItem,
    work: () => Promise<End>,
  ): Promise<End & { readonly seconds: number }> {
    const startedAt = this.#clock.now();
    const { id, label = id, where } = item;
    this.#options.listener({ type: 'item-started', id, label, ...(where && { where }) });
    return this.#end(id, await work(), this.#clock.now() - startedAt);
  }

  /** Tells how an item ended that nobody worked on. */
  leaveOut<End extends ItemEnd>(id: string, end: End): End & { readonly seconds: number } {
    return this.#end(id, end, 0);
  }

  /** Works on items, at most `limit` at a time and in no particular order. None starts after an interruption. */
  async each<Thing, End extends ItemEnd>(
    things: readonly Thing[],
    limit: number,
    nameOf: (thing: Thing) => RunItem,
    work: (thing: Thing) => Promise<End>,
  ): Promise<((End | typeof NOT_STARTED) & { readonly seconds: number })[]> {
    const { default: pLimit } = await import('p-limit');
    const place = pLimit(Math.max(1, limit));
    const one = (thing: Thing) =>
      this.item<End | typeof NOT_STARTED>(nameOf(thing), async () =>
        this.#options.signal?.aborted ? NOT_STARTED : work(thing),
      );
    return Promise.all(things.map((thing) => place(() => one(thing))));
  }

  /**
   * Tells the end of the run.
   *
   * @param summary one line for people
   *   @default - how many items ended in which way: `4 stacks: 1 updated, 3 unchanged`
   * @param success whether all is well beside the items
   */
  finish(summary: string = this.#summary(), success = true): RunEnd {
    const { listener, signal } = this.#options;
    const all = success && this.#outcomes.every((outcome) => outcome !== 'failed' && outcome !== 'skipped');
    const milliseconds = Math.round(this.#clock.now() - this.#startedAt);
    listener({ type: 'run-finished', success: all, summary, milliseconds });
    return { success: all, interrupted: signal?.aborted ?? false, milliseconds };
  }

  #summary(): string {
    const { noun, words } = this.#options;
    const parts = OUTCOMES.flatMap((outcome) => {
      const number = this.#outcomes.filter((each) => each === outcome).length;
      return number > 0 ? [`${number} ${words?.[outcome] ?? outcome}`] : [];
    });
    return `${count(this.#outcomes.length, noun)}: ${parts.join(', ') || 'nothing to do'}`;
  }

  #end<End extends ItemEnd>(id: string, end: End, time: number): End & { readonly seconds: number } {
    const { outcome, detail, lines, failure } = end;
    const milliseconds = Math.max(Math.round(time), 0);
    this.#outcomes.push(outcome);
    const told = { ...(detail && { detail }), ...(lines?.length && { lines }), ...(failure && { failure }) };
    this.#options.listener({ type: 'item-finished', id, outcome, ...told, milliseconds });
    return { ...end, seconds: milliseconds / 1000 };
  }
}

/** `1 stack`, `2 stacks` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
