import { isCI } from '@nx-cdk/processes';

/** The part of `NodeJS.WriteStream` that a renderer needs. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: string, listener: (...values: unknown[]) => void): unknown;
  off?(event: string, listener: (...values: unknown[]) => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a run is shown; `auto` chooses between `live` and `plain`. */
export type Format = 'auto' | 'live' | 'plain' | 'json';

/**
 * Live only if someone watches. Nx runs a task in a pseudo terminal when its output goes straight to the screen (one
 * task, or a pane of its terminal UI), and through a pipe when several tasks share the screen or there is none; so the
 * stream itself tells. `NX_TUI` does not: Nx sets it to `false` in every task, to keep an Nx within an Nx quiet.
 */
export function chooseFormat(format: Format, stdout: OutputStream, env: Environment): Exclude<Format, 'auto'> {
  if (format !== 'auto') return format;
  return stdout.isTTY === true && env.TERM !== 'dumb' && !isCI(env) ? 'live' : 'plain';
}

/**
 * Whether a stream gets colours. NO_COLOR (https://no-color.org) wins over FORCE_COLOR, unlike in Node: Nx sets
 * FORCE_COLOR=true in every task, so that only NO_COLOR is surely a person's wish. For the same reason Nx's `true` does
 * not count if npm, which started Nx, saw no terminal (COLOR=0): `npx nx deploy app > file` stays free of codes.
 */
export function supportsColor(stream: OutputStream, env: Environment): boolean {
  if (env.NO_COLOR || env.NODE_DISABLE_COLORS) return false;
  if (env.FORCE_COLOR === '0' || env.FORCE_COLOR === 'false') return false;
  const byNx = env.FORCE_COLOR === 'true' && env.NX_TASK_TARGET_PROJECT !== undefined;
  if (byNx && stream.isTTY !== true) return env.COLOR !== '0';
  if (env.FORCE_COLOR !== undefined && !byNx) return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

const guarded = new WeakSet<OutputStream>();
const broken = new WeakSet<OutputStream>();

/** Writes, unless the reader has gone (`... | head`): that must not end a deployment. */
export function write(stream: OutputStream, text: string): void {
  if (text === '' || broken.has(stream)) return;
  if (!guarded.has(stream)) {
    guarded.add(stream);
    stream.on?.('error', () => broken.add(stream));
  }
  stream.write(text);
}
