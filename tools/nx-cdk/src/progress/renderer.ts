import type { ProgressEvent } from './events.ts';
import type { Environment, OutputStream } from './terminal.ts';

/** One way to show a run. May throw: the listener in front of it catches. */
export interface Renderer {
  handle(event: ProgressEvent): void;
  /** Shows what is still held back and leaves the stream as it was found. Called once. */
  stop(): void;
}

export interface RendererOptions {
  readonly stdout: OutputStream;
  readonly env: Environment;
  /** Shows AWS calls and debug messages too. */
  readonly verbose: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
