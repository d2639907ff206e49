import type { ItemFinished } from './events.ts';

/** From how many items on the unchanged ones are only counted: with more, they would bury what did change. */
const MANY_ITEMS = 40;

/** From how many characters on a repeated reason is worth a reference instead. */
const LONG_REASON = 40;

/**
 * Leaves out what people have read already. A refused role fails every item that needs it with the same sentence, and a
 * run that finds a thousand objects as they should be need not name them. Everything is said in full with `--verbose`,
 * and in the JSON.
 */
export class Brevity {
  readonly #verbose: boolean;
  readonly #reasons = new Map<string, string>();

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  /** Forgets what was said; to be called at the start of a run. */
  reset(): void {
    this.#reasons.clear();
  }

  /**
   * @param label what people know the item by
   * @param items how many items the run has
   * @returns the event as it is to be shown, or undefined if its line is left out
   */
  shorten(event: ItemFinished, label: string, items: number): ItemFinished | undefined {
    if (this.#verbose) return event;
    if (event.outcome === 'unchanged' && items >= MANY_ITEMS && (event.lines ?? []).length === 0) return undefined;
    if (event.outcome !== 'failed' || event.detail === undefined || event.detail.length < LONG_REASON) return event;
    const first = this.#reasons.get(event.detail);
    if (first !== undefined) return { ...event, detail: `for the same reason as ${first}` };
    this.#reasons.set(event.detail, label);
    return event;
  }
}
