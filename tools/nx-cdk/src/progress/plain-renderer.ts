import { formatElapsed } from './duration.ts';
import type { ProgressEvent } from './events.ts';
import { type RendererOptions, TextRenderer } from './renderer.ts';
import { write } from './terminal.ts';
import { oneLine } from './text-width.ts';
import { rest } from './wording.ts';

const HEARTBEAT_MS = 30_000;
const CHECK_MS = 1_000;

/**
 * For logs: plain lines without cursor codes. What an item has to say is written as one block when it ends, so that
 * items running at the same time never mix; a heartbeat shows in between that nothing hangs.
 */
export class PlainRenderer extends TextRenderer {
  #timer: NodeJS.Timeout | undefined;
  /** What waits for the end of a pause. */
  #held: string[] | undefined;

  constructor(options: RendererOptions) {
    super(options, true);
  }

  override handle(event: ProgressEvent): void {
    super.handle(event);
    // Without a hold on the process: a clock must not keep it alive.
    if (this.running.size > 0) this.#timer ??= setInterval(() => this.#heartbeat(), CHECK_MS).unref();
    else this.#stopHeartbeat();
  }

  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    this.print(lines);
  }

  override stop(): void {
    this.resume();
    this.#stopHeartbeat();
    super.stop();
  }

  /** In one write, so that nothing of another process comes between the lines of a block. */
  protected print(lines: readonly string[]): void {
    if (this.#held) this.#held.push(...lines);
    else write(this.options.stdout, lines.map((line) => `${line}\n`).join(''));
  }

  #heartbeat(): void {
    if (this.#held) return;
    const now = this.options.now();
    for (const item of this.running.values()) {
      if (now - item.heardAt < HEARTBEAT_MS) continue;
      item.heardAt = now;
      const line = `still running: ${oneLine(item.label)} ${formatElapsed(this.elapsed(item))}${rest(item.step)}`;
      this.print([this.paint('dim', line)]);
    }
  }

  #stopHeartbeat(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
