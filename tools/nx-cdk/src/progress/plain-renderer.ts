import { formatDuration, formatElapsed } from './duration.ts';
import { Brevity } from './brevity.ts';
import type { ItemFinished, ItemProgress, Message, ProgressEvent } from './events.ts';
import type { Renderer, RendererOptions } from './renderer.ts';
import { RunState, type RunningItem } from './run-state.ts';
import { supportsColor, write } from './terminal.ts';
import { oneLine, padToWidth } from './text-width.ts';
import {
  awsCallLine,
  createPaint,
  detailLines,
  finishedLine,
  messageLines,
  startLine,
  summaryLine,
  unfinishedLine,
  type Name,
  type Paint,
} from './wording.ts';

const HEARTBEAT_MS = 30_000;
const CHECK_MS = 1_000;

/**
 * For logs: plain lines without cursor codes. What an item has to say is held back and written as one block when it
 * ends, so that items running at the same time never mix; a heartbeat shows in between that nothing hangs.
 */
export function createPlainRenderer(options: RendererOptions): Renderer {
  return new PlainRenderer(options);
}

class PlainRenderer implements Renderer {
  readonly #options: RendererOptions;
  readonly #state: RunState;
  readonly #paint: Paint;
  readonly #brevity: Brevity;
  readonly #blocks = new Map<string, string[]>();
  readonly #heard = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RendererOptions) {
    this.#options = options;
    this.#state = new RunState(options.now);
    this.#brevity = new Brevity(options.verbose);
    this.#paint = createPaint(supportsColor(options.stdout, options.env));
  }

  handle(event: ProgressEvent): void {
    const item = this.#state.apply(event);
    switch (event.type) {
      case 'run-started':
        this.#brevity.reset();
        return this.#print([startLine(event, this.#paint)]);
      case 'item-started':
        return this.#watch(event.id);
      case 'item-progress':
        return this.#milestone(event);
      case 'item-finished':
        return this.#finish(item ?? { label: event.id }, event);
      case 'message':
        return this.#message(event);
      case 'aws-call':
        return this.#options.verbose ? this.#print([awsCallLine(event, this.#paint)]) : undefined;
      case 'run-finished':
        return this.#print([summaryLine(event, this.#state.action, this.#paint)]);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const item of this.#state.running.values()) {
      this.#print([unfinishedLine(item, this.#state.elapsed(item), this.#paint), ...(this.#blocks.get(item.id) ?? [])]);
    }
  }

  #finish(item: Name, event: ItemFinished): void {
    const block = this.#close(event.id);
    const shown = this.#brevity.shorten(event, item.label, this.#state.total);
    if (shown === undefined) return;
    this.#print([finishedLine(item, shown, this.#paint), ...block, ...detailLines(shown)]);
  }

  #watch(id: string): void {
    if (!this.#heard.has(id)) this.#heard.set(id, this.#options.now());
    // Without a hold on the process: a clock must not keep it alive.
    this.#timer ??= setInterval(() => this.#heartbeat(), CHECK_MS).unref();
  }

  #close(id: string): string[] {
    const block = this.#blocks.get(id) ?? [];
    this.#blocks.delete(id);
    this.#heard.delete(id);
    if (this.#heard.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return block;
  }

  #milestone(event: ItemProgress): void {
    const item = this.#state.running.get(event.id);
    if (!item || event.milestone !== true) return;
    const time = padToWidth(formatDuration(this.#state.elapsed(item)), 8, 'right');
    this.#add(item, [`    ${this.#paint('dim', time)}  ${oneLine(event.step)}`]);
  }

  #message(event: Message): void {
    if (event.level === 'debug' && !this.#options.verbose) return;
    const item = event.id === undefined ? undefined : this.#state.running.get(event.id);
    if (item) {
      this.#add(
        item,
        messageLines(event, undefined, this.#paint).map((line) => `    ${line}`),
      );
    } else {
      this.#print(messageLines(event, event.id === undefined ? undefined : { label: event.id }, this.#paint));
    }
  }

  #add(item: RunningItem, lines: readonly string[]): void {
    const block = this.#blocks.get(item.id) ?? [];
    block.push(...lines);
    this.#blocks.set(item.id, block);
  }

  #heartbeat(): void {
    const now = this.#options.now();
    for (const item of this.#state.running.values()) {
      if (now - (this.#heard.get(item.id) ?? now) < HEARTBEAT_MS) continue;
      this.#heard.set(item.id, now);
      const step = item.step ? ` · ${oneLine(item.step)}` : '';
      const line = `still running: ${oneLine(item.label)} ${formatElapsed(this.#state.elapsed(item))}${step}`;
      this.#print([this.#paint('dim', line)]);
    }
  }

  /** In one write, so that nothing of another process comes between the lines of a block. */
  #print(lines: readonly string[]): void {
    write(this.#options.stdout, lines.map((line) => `${line}\n`).join(''));
  }
}
