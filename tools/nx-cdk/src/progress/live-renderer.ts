import stringWidth from 'string-width';
import { formatElapsed } from './duration.ts';
import type { ProgressEvent } from './events.ts';
import { LiveArea } from './live-area.ts';
import { type RendererOptions, type RunningItem, TextRenderer } from './renderer.ts';
import { cutToWidth, oneLine, padToWidth } from './text-width.ts';
import { rest } from './wording.ts';

const FRAME_MS = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
// Above this the numbers are bytes, and nobody reads eight digits that change ten times a second.
const LARGEST_COUNT = 9_999;

/**
 * For people at a terminal: one line a running item and a footer, drawn over at most ten times a second; what has ended
 * stays above and scrolls away. Nothing is drawn while nothing runs.
 */
export class LiveRenderer extends TextRenderer {
  readonly #area: LiveArea;
  readonly #onResize = (): void => this.#schedule();
  #permanent: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #paused = false;

  constructor(options: RendererOptions) {
    super(options, false);
    this.#area = new LiveArea(options.stdout, this.#onResize);
    options.stdout.on?.('resize', this.#onResize);
  }

  override handle(event: ProgressEvent): void {
    super.handle(event);
    // The end at once: what the caller prints next must find the live lines gone and the cursor back.
    if (event.type === 'run-finished') this.#draw();
    else this.#schedule();
  }

  pause(): void {
    this.#area.draw(this.#permanent, []);
    this.#permanent = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  override stop(): void {
    this.#paused = false;
    super.stop();
    this.#draw();
    this.#stopped = true;
    this.options.stdout.off?.('resize', this.#onResize);
  }

  /** With the next frame. */
  protected print(lines: readonly string[]): void {
    this.#permanent.push(...lines);
  }

  /** Draws now, or as soon as the last frame is old enough; one timer at most, and none that holds the process. */
  #schedule(): void {
    if (this.#timer || this.#stopped || this.#paused) return;
    const wait = this.#drawnAt + FRAME_MS - this.options.now();
    // A clock that was set back must not freeze the view.
    if (wait <= 0 || wait > FRAME_MS) this.#draw();
    else this.#timer = this.#later(wait);
  }

  #draw(): void {
    if (this.#stopped || this.#paused) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnAt = this.options.now();
    const permanent = this.#permanent;
    this.#permanent = [];
    this.#area.draw(permanent, this.#frame());
    if (this.running.size > 0) this.#timer = this.#later(FRAME_MS);
  }

  #later(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      try {
        this.#draw();
      } catch {
        // A frame that cannot be drawn is no reason to end a deployment.
      }
    }, milliseconds).unref();
  }

  #frame(): string[] {
    if (!this.active && this.running.size === 0) return [];
    // One row less than the terminal has: the cursor rests on the row below the frame.
    const room = Math.max(1, this.#area.rows - 2);
    const running = [...this.running.values()];
    const shown = running.length <= room ? running : running.slice(0, Math.max(0, room - 1));
    const width = Math.max(0, ...shown.map(({ label }) => stringWidth(oneLine(label))));
    const lines = shown.map((item) => this.#itemLine(item, width));
    const more = running.length - shown.length;
    if (more > 0) lines.push(this.paint('dim', `… and ${more} more`));
    lines.push(this.#footer());
    // One column less as well: some terminals move on when the last column is written, others do not.
    return lines.map((line) => cutToWidth(line, this.#area.columns - 1));
  }

  #itemLine(item: RunningItem, width: number): string {
    const elapsed = this.elapsed(item);
    const spinner = SPINNER[Math.floor(elapsed / FRAME_MS) % SPINNER.length] ?? '';
    const label = padToWidth(oneLine(item.label), width);
    const where = item.where && this.paint('dim', oneLine(item.where));
    const facts = [`${this.paint('cyan', spinner)} ${label}`, where, countOf(item), formatElapsed(elapsed)];
    return facts.filter(Boolean).join(' ') + rest(item.step);
  }

  #footer(): string {
    const { finished, failed, total } = this;
    const running = this.running.size;
    const bad = failed > 0 ? `, ${this.paint('red', `${failed} failed`)}` : '';
    const left = `${running} running, ${total - finished - running} waiting`;
    return `${finished} of ${total} done${bad}, ${left} · ${formatElapsed(this.elapsed())}`;
  }
}

function countOf({ done, total }: RunningItem): string {
  if (done === undefined) return '';
  if (!total) return done > LARGEST_COUNT ? '' : `${done}`;
  return total > LARGEST_COUNT ? `${Math.floor((100 * done) / total)} %` : `${done}/${total}`;
}
