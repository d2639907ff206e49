import { EventEmitter } from 'node:events';
import type { OutputStream } from './terminal.ts';

/** A stream that keeps what was written to it, like a log file. */
export class FakeLog implements OutputStream {
  readonly writes: string[] = [];

  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }

  get text(): string {
    return this.writes.join('');
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/**
 * A terminal small enough to read: it obeys the few escape sequences a live view needs and says what a person would
 * see, scrollback included. An unknown sequence throws, so that a test never passes on a guess.
 */
export class FakeTerminal extends EventEmitter implements OutputStream {
  readonly isTTY = true;
  readonly writes: string[] = [];
  cursorVisible = true;
  #columns: number;
  #rows: number;
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    super();
    this.#columns = columns;
    this.#rows = rows;
  }

  get columns(): number {
    return this.#columns;
  }

  get rows(): number {
    return this.#rows;
  }

  /** What is shown, from the oldest line of the scrollback to the cursor. */
  get screen(): string[] {
    const lines = this.#lines.map((line) => line.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Makes the terminal narrower or wider, breaking the lines it shows anew as most terminals do. */
  resize(columns: number): void {
    this.#columns = columns;
    const before = this.#lines;
    this.#lines = before.flatMap((line) => {
      const parts: string[][] = [];
      for (let at = 0; at === 0 || at < line.length; at += columns) parts.push(line.slice(at, at + columns));
      return parts;
    });
    this.#row += this.#lines.length - before.length;
    this.emit('resize');
  }

  write(text: string): boolean {
    this.writes.push(text);
    for (const [token, sequence, parameter, final] of text.matchAll(/(\u001b\[([?\d;]*)([A-Za-z]))|[^]/gu)) {
      if (sequence) this.#obey(parameter ?? '', final ?? '');
      else if (token === '\n') this.#lineFeed();
      else if (token === '\r') this.#column = 0;
      else this.#put(token);
    }
    return true;
  }

  #put(char: string): void {
    if (this.#column >= this.#columns) this.#lineFeed();
    const line = this.#lines[this.#row]!;
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = char;
    this.#column += 1;
  }

  #lineFeed(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push([]);
  }

  #obey(parameter: string, final: string): void {
    const line = this.#lines[this.#row]!;
    const count = Number(parameter || 1);
    const top = Math.max(0, this.#lines.length - this.#rows);
    if (parameter === '?25') this.cursorVisible = final === 'h';
    else if (final === 'm' || parameter === '?2026') return;
    else if (final === 'A') this.#row = Math.max(top, this.#row - count);
    else if (final === 'B') this.#row = Math.min(this.#lines.length - 1, this.#row + count);
    else if (final === 'G') this.#column = count - 1;
    else if (final === 'K') line.splice(parameter === '2' ? 0 : this.#column);
    else if (final === 'J' && parameter === '') {
      line.splice(this.#column);
      this.#lines.splice(this.#row + 1);
    } else throw new Error(`The fake terminal does not know ESC [ ${parameter} ${final}`);
  }
}
