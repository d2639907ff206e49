import type { ItemFinished, ItemProgress, ItemStarted, ProgressEvent } from './events.ts';

/** An item that is being worked on. */
export interface RunningItem {
  readonly id: string;
  readonly label: string;
  readonly where?: string;
  /** Milliseconds on the clock of the run. */
  readonly startedAt: number;
  step: string;
  done?: number;
  total?: number;
}

/** Follows the events of a run and knows at any moment what is running and how much is left. */
export class RunState {
  readonly running = new Map<string, RunningItem>();
  action = 'run';
  startedAt = 0;
  finished = 0;
  failed = 0;
  /** Between the run's first event and its last. */
  active = false;
  #expected = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.startedAt = now();
  }

  /** Never fewer than were seen, should an engine have counted wrong. */
  get total(): number {
    return Math.max(this.#expected, this.finished + this.running.size);
  }

  get waiting(): number {
    return this.total - this.finished - this.running.size;
  }

  /**
   * Takes an event in.
   *
   * @returns for the end of an item, the item as it was; one that never started has its id for a label
   */
  apply(event: ProgressEvent): RunningItem | undefined {
    switch (event.type) {
      case 'run-started':
        this.action = event.action;
        this.#expected = event.items;
        this.startedAt = this.#now();
        this.finished = 0;
        this.failed = 0;
        this.active = true;
        return undefined;
      case 'item-started':
        this.#start(event);
        return undefined;
      case 'item-progress':
        this.#progress(event);
        return undefined;
      case 'item-finished':
        return this.#finish(event);
      case 'run-finished':
        this.active = false;
        return undefined;
      default:
        return undefined;
    }
  }

  elapsed(item?: RunningItem): number {
    return this.#now() - (item ?? this).startedAt;
  }

  #start({ id, label, where }: ItemStarted): void {
    // A second start of the same item (a retry) must not lose its place or its clock.
    if (!this.running.has(id)) this.running.set(id, { id, label, where, startedAt: this.#now(), step: '' });
  }

  #progress({ id, step, done, total }: ItemProgress): void {
    const item = this.running.get(id);
    if (!item) return;
    item.step = step;
    item.done = done ?? item.done;
    item.total = total ?? item.total;
  }

  #finish({ id, outcome }: ItemFinished): RunningItem {
    const item = this.running.get(id) ?? { id, label: id, startedAt: this.#now(), step: '' };
    this.running.delete(id);
    this.finished += 1;
    if (outcome === 'failed') this.failed += 1;
    return item;
  }
}
