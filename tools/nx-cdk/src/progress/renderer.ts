import type { ItemFinished, ItemStarted, Message, ProgressEvent } from './events.ts';
import { supportsColor, type Environment, type OutputStream } from './terminal.ts';
import {
  awsCallLine,
  createPaint,
  detailLines,
  finishedLine,
  indent,
  messageLines,
  milestoneLine,
  startLine,
  summaryLine,
  unfinishedLine,
  type Paint,
} from './wording.ts';

/** One way to show a run. May throw: `createProgress` catches. */
export interface Renderer {
  handle(event: ProgressEvent): void;
  /** Writes nothing more until `resume`, so that a question has the terminal for itself. */
  pause(): void;
  resume(): void;
  /** Shows what is still held back and leaves the stream as it was found. Called once. */
  stop(): void;
}

export interface RendererOptions {
  readonly stdout: OutputStream;
  readonly env: Environment;
  /** Shows AWS calls and debug messages too, and shortens nothing. */
  readonly verbose: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** An item that is being worked on. */
export interface RunningItem extends Omit<ItemStarted, 'type'> {
  readonly startedAt: number;
  /** When a log has said last that it is running. */
  heardAt: number;
  step: string;
  done?: number;
  total?: number;
  /** Lines that are shown with its end. */
  readonly held: string[];
}

/** From how many items on the unchanged ones are only counted: with more, they would bury what did change. */
const MANY_ITEMS = 40;

/** From how many characters on a repeated reason is worth a reference instead. */
const LONG_REASON = 40;

/**
 * Shows a run to people. Knows at any moment what is running and how much is left, finds the words, and leaves out what
 * was read already; where and when lines are written is up to the views.
 */
export abstract class TextRenderer implements Renderer {
  protected readonly options: RendererOptions;
  protected readonly paint: Paint;
  protected readonly running = new Map<string, RunningItem>();
  protected finished = 0;
  protected failed = 0;
  /** Between the run's first event and its last. */
  protected active = false;
  #action = 'run';
  #expected = 0;
  #startedAt: number;
  readonly #holdsBack: boolean;
  readonly #reasons = new Map<string, string>();

  /** @param holdsBack whether what a running item has to say is shown with its end, in one block */
  constructor(options: RendererOptions, holdsBack: boolean) {
    this.options = options;
    this.paint = createPaint(supportsColor(options.stdout, options.env));
    this.#holdsBack = holdsBack;
    this.#startedAt = options.now();
  }

  /** Writes lines that stay. */
  protected abstract print(lines: readonly string[]): void;

  abstract pause(): void;
  abstract resume(): void;

  /** Never fewer than were seen, should an engine have counted wrong. */
  protected get total(): number {
    return Math.max(this.#expected, this.finished + this.running.size);
  }

  /** Milliseconds since the start of an item, or of the run. */
  protected elapsed(item?: RunningItem): number {
    return this.options.now() - (item?.startedAt ?? this.#startedAt);
  }

  handle(event: ProgressEvent): void {
    const { now, verbose } = this.options;
    const item = 'id' in event && event.id !== undefined ? this.running.get(event.id) : undefined;
    switch (event.type) {
      case 'run-started':
        this.#action = event.action;
        this.#expected = event.items;
        this.#startedAt = now();
        this.finished = 0;
        this.failed = 0;
        this.active = true;
        this.#reasons.clear();
        return this.print([startLine(event, this.paint)]);
      case 'item-started':
        // A second start of the same item (a retry) must not lose its place or its clock.
        if (!item) this.running.set(event.id, { ...event, startedAt: now(), heardAt: now(), step: '', held: [] });
        return;
      case 'item-progress':
        if (!item) return;
        item.step = event.step;
        item.done = event.done ?? item.done;
        item.total = event.total ?? item.total;
        if (event.milestone && this.#holdsBack) item.held.push(milestoneLine(event, this.elapsed(item), this.paint));
        return;
      case 'item-parts':
        // For pages, after the item has ended.
        return;
      case 'item-finished':
        return this.#finish(event, item);
      case 'message':
        return this.#message(event, item);
      case 'aws-call':
        return verbose ? this.print([awsCallLine(event, this.paint)]) : undefined;
      case 'run-finished':
        this.active = false;
        return this.print([summaryLine(event, this.#action, this.paint)]);
    }
  }

  stop(): void {
    this.active = false;
    for (const item of this.running.values()) {
      this.print([unfinishedLine(item, this.elapsed(item), this.paint), ...item.held]);
    }
    this.running.clear();
  }

  #finish(event: ItemFinished, item: RunningItem | undefined): void {
    this.running.delete(event.id);
    this.finished += 1;
    if (event.outcome === 'failed') this.failed += 1;
    const named = item ?? { label: event.id };
    const shown = this.#shorten(event, named.label);
    if (shown) this.print([finishedLine(named, shown, this.paint), ...(item?.held ?? []), ...detailLines(shown)]);
  }

  #message(event: Message, item: RunningItem | undefined): void {
    if (event.level === 'debug' && !this.options.verbose) return;
    if (item && this.#holdsBack) item.held.push(...indent(messageLines(event, undefined, this.paint)));
    else this.print(messageLines(event, item?.label ?? event.id, this.paint));
  }

  /**
   * Leaves out what people have read already: a refused role fails every item that needs it with the same sentence, and
   * a thousand unchanged objects need no names. Returns undefined if the whole line is left out.
   */
  #shorten(event: ItemFinished, label: string): ItemFinished | undefined {
    const { outcome, detail = '', lines = [], failure } = event;
    if (this.options.verbose) return failure ? { ...event, lines: [...lines, `Code: ${failure.code}`] } : event;
    if (outcome === 'unchanged' && this.total >= MANY_ITEMS && lines.length === 0) return undefined;
    if (outcome !== 'failed' || detail.length < LONG_REASON) return event;
    const first = this.#reasons.get(detail);
    if (first !== undefined) return { ...event, detail: `for the same reason as ${first}` };
    this.#reasons.set(detail, label);
    return event;
  }
}
