import type { ProgressEvent } from './events.ts';
import { redact } from './redact.ts';
import type { Renderer, RendererOptions } from './renderer.ts';
import { write } from './terminal.ts';

/** Words that programs compare with: a password `failed` must not mask them. */
const OUR_WORDS = new Set(['type', 'outcome', 'level']);

/**
 * For machines: one JSON object a line on standard output and nothing else. The first two fields of each are
 *
 * - `type`: `run-started`, `item-started`, `item-progress`, `item-parts`, `item-finished`, `message`, `aws-call` or
 *   `run-finished`
 * - `time`: when it happened, ISO 8601 in UTC with milliseconds
 *
 * and the others are the fields of that event in `events.ts`; fields without a value are left out. Fields may be added
 * in time, none is renamed. `aws-call` events and messages of level `debug` come with `verbose` only.
 */
export class JsonRenderer implements Renderer {
  readonly #options: RendererOptions;

  constructor(options: RendererOptions) {
    this.#options = options;
  }

  handle(event: ProgressEvent): void {
    const { stdout, verbose, now } = this.#options;
    if (!verbose && (event.type === 'aws-call' || (event.type === 'message' && event.level === 'debug'))) return;
    const { type, ...fields } = event;
    const line = { type, time: new Date(now()).toISOString(), ...fields };
    // Each value by itself: masking the finished line could swallow a quote and break the JSON.
    const mask = (key: string, value: unknown): unknown =>
      typeof value === 'string' && !OUR_WORDS.has(key) ? redact(value) : value;
    // A CI looks for commands such as `##[name]` anywhere in a line; to a program the escaped sign is the same.
    write(stdout, `${JSON.stringify(line, mask).replaceAll('##', String.raw`#\u0023`)}\n`);
  }

  // The question is not asked on standard output.
  pause(): void {}
  resume(): void {}
  stop(): void {}
}
