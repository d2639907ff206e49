import { stripVTControlCharacters } from 'node:util';
import { redact } from 'nx-cdk/progress';

/**
 * Makes whole lines of what a process writes, without colours and with secrets masked: a secret that came in two pieces
 * would pass otherwise.
 */
export class Lines {
  readonly #hear: (line: string) => void;
  #rest = '';

  constructor(hear: (line: string) => void) {
    this.#hear = hear;
  }

  write(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#say(line);
  }

  /** Says what was left without an end. */
  end(): void {
    if (this.#rest !== '') this.#say(this.#rest);
    this.#rest = '';
  }

  #say(line: string): void {
    // A carriage return writes over the line, as progress bars do: what counts is what stood there in the end.
    const shown = line.replace(/\r$/, '').split('\r').at(-1)!;
    this.#hear(redact(stripVTControlCharacters(shown)));
  }
}
