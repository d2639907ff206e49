import type { ServerResponse } from 'node:http';

/** How often readers are told, at most. Milliseconds. */
const INTERVAL = 1000;

/** Telling takes no more than a twentieth of the time: what is told about matters more. */
const SHARE = 20;

/** How long the end waits for readers to get the last of it. Milliseconds. */
const PATIENCE = 500;

/** Those who read along: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class Readers {
  readonly #content: () => Promise<object>;
  readonly #streams = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  #nextAt = 0;

  /** @param content what they are told: all that there is to know */
  constructor(content: () => Promise<object>) {
    this.#content = content;
  }

  /** From now on, a reader is told. */
  add(stream: ServerResponse): void {
    this.#streams.add(stream);
    stream.on('close', () => this.#streams.delete(stream));
    stream.on('error', () => this.#streams.delete(stream));
    stream.write('retry: 2000\n\n');
    this.changed();
  }

  /** Readers are told soon. May be called often. */
  changed(): void {
    if (this.#streams.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#tellSafely(), Math.max(0, this.#nextAt - performance.now()));
    this.#timer.unref();
  }

  /** Tells the last, and waits a moment for those who read it. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#streams.size === 0) return;
    const text = await this.#event('ended');
    const streams = [...this.#streams];
    const ended = streams.map((stream) => new Promise((resolve) => stream.on('close', resolve).end(text)));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([Promise.all(ended), patience]);
    clearTimeout(timer);
    for (const stream of streams) stream.destroy();
  }

  /** What cannot be told must not end the run. */
  async #tellSafely(): Promise<void> {
    this.#timer = undefined;
    try {
      await this.#tell();
    } catch {
      for (const stream of this.#streams) stream.destroy();
    }
  }

  async #tell(): Promise<void> {
    const begun = performance.now();
    this.#nextAt = begun + INTERVAL;
    // Who has not read the last is told when that is done, of what is new then.
    const isBehind = (stream: ServerResponse) => stream.writableNeedDrain;
    const ready = [...this.#streams].filter((stream) => !isBehind(stream));
    for (const stream of this.#streams) if (isBehind(stream)) stream.once('drain', () => this.changed());
    if (ready.length > 0) {
      const text = await this.#event('page');
      for (const stream of ready) if (stream.writable) stream.write(text);
    }
    const took = performance.now() - begun;
    this.#nextAt = begun + Math.max(INTERVAL, SHARE * took);
  }

  async #event(name: string): Promise<string> {
    return `event: ${name}\ndata: ${JSON.stringify(await this.#content())}\n\n`;
  }
}
