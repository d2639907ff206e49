import { formatElapsed } from './duration.ts';
import { Brevity } from './brevity.ts';
import type { ItemFinished, Message, ProgressEvent } from './events.ts';
import { LiveArea } from './live-area.ts';
import type { Renderer, RendererOptions } from './renderer.ts';
import { RunState, type RunningItem } from './run-state.ts';
import { supportsColor } from './terminal.ts';
import { cutToWidth, displayWidth, oneLine, padToWidth } from './text-width.ts';
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

const FRAME_MS = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
// Above this the numbers are bytes, and nobody reads eight digits that change ten times a second.
const LARGEST_COUNT = 9_999;

/**
 * For people at a terminal: one line a running item and a footer, drawn over at most ten times a second; what has ended
 * stays above and scrolls away. Nothing is drawn while nothing runs.
 */
export function createLiveRenderer(options: RendererOptions): Renderer {
  return new LiveRenderer(options);
}

class LiveRenderer implements Renderer {
  readonly #options: RendererOptions;
  readonly #state: RunState;
  readonly #paint: Paint;
  readonly #brevity: Brevity;
  readonly #area: LiveArea;
  readonly #onResize = (): void => this.#schedule();
  #permanent: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: RendererOptions) {
    this.#options = options;
    this.#state = new RunState(options.now);
    this.#brevity = new Brevity(options.verbose);
    this.#paint = createPaint(supportsColor(options.stdout, options.env));
    this.#area = new LiveArea(options.stdout, () => this.#schedule());
    options.stdout.on?.('resize', this.#onResize);
  }

  handle(event: ProgressEvent): void {
    const item = this.#state.apply(event);
    switch (event.type) {
      case 'run-started':
        this.#brevity.reset();
        this.#permanent.push(startLine(event, this.#paint));
        break;
      case 'item-started':
      case 'item-progress':
        break; // drawn from the state
      case 'item-finished':
        this.#finish(item ?? { label: event.id }, event);
        break;
      case 'message':
        this.#message(event);
        break;
      case 'aws-call':
        if (this.#options.verbose) this.#permanent.push(awsCallLine(event, this.#paint));
        break;
      case 'run-finished':
        this.#permanent.push(summaryLine(event, this.#state.action, this.#paint));
        // At once: what the caller prints next must find the live lines gone and the cursor back.
        return this.#draw();
    }
    this.#schedule();
  }

  stop(): void {
    for (const item of this.#state.running.values()) {
      this.#permanent.push(unfinishedLine(item, this.#state.elapsed(item), this.#paint));
    }
    this.#state.running.clear();
    this.#state.active = false;
    this.#draw();
    this.#stopped = true;
    this.#options.stdout.off?.('resize', this.#onResize);
  }

  #finish(item: Name, event: ItemFinished): void {
    const shown = this.#brevity.shorten(event, item.label, this.#state.total);
    if (shown !== undefined) this.#permanent.push(finishedLine(item, shown, this.#paint), ...detailLines(shown));
  }

  #message(event: Message): void {
    if (event.level === 'debug' && !this.#options.verbose) return;
    const item = event.id === undefined ? undefined : (this.#state.running.get(event.id) ?? { label: event.id });
    this.#permanent.push(...messageLines(event, item, this.#paint));
  }

  /** Draws now, or as soon as the last frame is old enough; one timer at most, and none that holds the process. */
  #schedule(): void {
    if (this.#timer || this.#stopped) return;
    const wait = this.#drawnAt + FRAME_MS - this.#options.now();
    // A clock that was set back must not freeze the view.
    if (wait <= 0 || wait > FRAME_MS) this.#draw();
    else this.#timer = this.#later(wait);
  }

  #draw(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnAt = this.#options.now();
    const permanent = this.#permanent;
    this.#permanent = [];
    this.#area.draw(permanent, this.#frame());
    if (this.#state.running.size > 0) this.#timer = this.#later(FRAME_MS);
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
    if (!this.#state.active && this.#state.running.size === 0) return [];
    // One row less than the terminal has: the cursor rests on the row below the frame.
    const room = Math.max(1, this.#area.rows - 2);
    const running = [...this.#state.running.values()];
    const shown = running.length <= room ? running : running.slice(0, Math.max(0, room - 1));
    const labels = shown.map((item) => oneLine(item.label));
    const width = Math.max(0, ...labels.map((label) => displayWidth(label)));
    const lines = shown.map((item, index) => this.#itemLine(item, padToWidth(labels[index]!, width)));
    const more = running.length - shown.length;
    if (more > 0) lines.push(this.#paint('dim', `… and ${more} more`));
    lines.push(this.#footer());
    // One column less as well: some terminals move on when the last column is written, others do not.
    return lines.map((line) => cutToWidth(line, this.#area.columns - 1));
  }

  #itemLine(item: RunningItem, label: string): string {
    const spinner = SPINNER[Math.floor(this.#state.elapsed(item) / FRAME_MS) % SPINNER.length] ?? '';
    const where = item.where ? ` ${this.#paint('dim', oneLine(item.where))}` : '';
    const count = countOf(item);
    const step = item.step ? ` · ${oneLine(item.step)}` : '';
    return `${this.#paint('cyan', spinner)} ${label}${where}${count ? ` ${count}` : ''} ${formatElapsed(this.#state.elapsed(item))}${step}`;
  }

  #footer(): string {
    const { finished, total, running, waiting, failed } = this.#state;
    const bad = failed > 0 ? `, ${this.#paint('red', `${failed} failed`)}` : '';
    return `${finished} of ${total} done${bad}, ${running.size} running, ${waiting} waiting · ${formatElapsed(this.#state.elapsed())}`;
  }
}

function countOf({ done, total }: RunningItem): string {
  if (done === undefined) return '';
  if (!total) return done > LARGEST_COUNT ? '' : `${done}`;
  return total > LARGEST_COUNT ? `${Math.floor((100 * done) / total)} %` : `${done}/${total}`;
}
