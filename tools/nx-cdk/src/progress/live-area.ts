import type { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import { write, type OutputStream } from './terminal.ts';

type LogUpdate = ReturnType<typeof createLogUpdate>;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
// The terminal shows what lies between at once, without flicker; terminals that do not know it ignore it.
const SYNCHRONIZED = ['\u001b[?2026h', '\u001b[?2026l'] as const;

/**
 * The lines at the bottom of the terminal that are drawn over and over, below those that stay. Adds to log-update: one
 * write a frame, a cursor hidden on our own stream only, and a terminal that got narrower.
 */
export class LiveArea {
  readonly #stream: OutputStream;
  #update: LogUpdate | undefined;
  #buffer = '';
  #frame: readonly string[] = [];
  #columns = 0;

  /** @param onReady called once frames can be drawn; until then lines that stay are written, and frames dropped */
  constructor(stream: OutputStream, onReady: () => void) {
    this.#stream = stream;
    // Loaded late: it takes longer than all the rest of this folder, and a log does not need it.
    import('log-update').then(
      ({ createLogUpdate }) => {
        this.#update = createLogUpdate(this.#sink() as unknown as NodeJS.WritableStream, { showCursor: true });
        onReady();
      },
      () => {}, // without it, lines that stay are still written
    );
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  /** Writes lines that stay, whatever their width, and draws the frame anew below them. */
  draw(permanent: readonly string[], frame: readonly string[]): void {
    this.#eraseReflowed();
    if (permanent.length > 0 || frame.length === 0) this.#update?.clear();
    this.#buffer += permanent.map((line) => `${line}\n`).join('');
    const hidden = this.#frame.length > 0;
    this.#frame = this.#update ? frame : [];
    this.#columns = this.columns;
    if (this.#frame.length > 0) {
      if (!hidden) this.#buffer += HIDE_CURSOR;
      this.#update?.(frame.join('\n'));
    } else if (hidden) this.#buffer += SHOW_CURSOR;
    const [begin, end] = this.#stream.isTTY === true ? SYNCHRONIZED : ['', ''];
    const text = this.#buffer;
    this.#buffer = '';
    if (text !== '') write(this.#stream, begin + text + end);
  }

  /** A terminal that gets narrower breaks the lines it shows: the old frame takes more rows than were written. */
  #eraseReflowed(): void {
    if (this.#frame.length === 0 || this.columns >= this.#columns) return;
    const rows = this.#frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / this.columns)), 0);
    this.#buffer += `\r\u001b[${Math.min(rows, this.rows - 1)}A\u001b[J`;
    this.#update?.done();
  }

  /** What log-update takes for the terminal: of the same size at any moment, but its writes are collected. */
  #sink(): Pick<OutputStream, 'write' | 'columns' | 'rows'> {
    const write = (text: string) => Boolean((this.#buffer += text));
    return Object.defineProperties({ write }, { columns: { get: () => this.columns }, rows: { get: () => this.rows } });
  }
}
