import { spawn, type ChildProcess } from 'node:child_process';

/** How long a program may take to end by itself before it is killed, in milliseconds. */
const PATIENCE = 10_000;

/** How many lines of a program's output are kept for those who ask why it failed. */
const KEPT = 15;

export interface ToolRun {
  readonly directory?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Ends the program, and what it started. */
  readonly signal?: AbortSignal;
  /** Hears each line of its output, masked. */
  readonly onLine?: (line: string) => void;
  /** Takes secrets out of a line. @default none */
  readonly mask?: (line: string) => string;
}

/** How a program ended. */
export interface ToolResult {
  /** Standard output, unmasked: for results, never for people. */
  readonly output: string;
  /** The last lines of both outputs, masked. */
  readonly lastLines: readonly string[];
  /** Undefined where it did well, else `exit code 1`, `ended by SIGTERM`, `is not installed`. */
  readonly failure?: string;
}

const running = new Set<ChildProcess>();

/**
 * Runs a container tool to its end. It gets a process group of its own: Ctrl-C in a terminal reaches it through the
 * signal alone, and ends what it started as well. Never throws; arguments and environment are told to nobody.
 */
export async function runTool(program: string, args: readonly string[], run: ToolRun = {}): Promise<ToolResult> {
  const { signal, mask = (line) => line, onLine = () => {} } = run;
  if (signal?.aborted) return { output: '', lastLines: [], failure: 'interrupted' };
  const child = spawn(program, args, {
    cwd: run.directory,
    env: run.environment ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  if (running.size === 1) process.once('exit', endAll);
  const lastLines: string[] = [];
  const take = (line: string) => {
    const masked = mask(line.trimEnd());
    if (masked === '') return;
    if (lastLines.push(masked) > KEPT) lastLines.shift();
    onLine(masked);
  };
  const output: string[] = [];
  const readers = [lines(take), lines(take)] as const;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.push(text);
    readers[0].feed(text);
  });
  child.stderr.setEncoding('utf8').on('data', readers[1].feed);
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    end(child, 'SIGTERM');
    killer = setTimeout(() => end(child, 'SIGKILL'), PATIENCE);
  };
  signal?.addEventListener('abort', stop, { once: true });
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? 'is not installed' : `could not be started: ${error.code ?? error.message}`),
    );
    child.once('close', (code, killed) =>
      resolve(code === 0 ? undefined : killed ? `ended by ${killed}` : `exit code ${code}`),
    );
  });
  signal?.removeEventListener('abort', stop);
  clearTimeout(killer);
  running.delete(child);
  if (running.size === 0) process.off('exit', endAll);
  for (const reader of readers) reader.end();
  return { output: output.join(''), lastLines, ...(failure === undefined ? {} : { failure }) };
}

/** Whoever leaves in a hurry (Ctrl-C twice) leaves no build behind. */
function endAll(): void {
  for (const child of running) end(child, 'SIGKILL');
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Cuts text into lines; a carriage return, with which tools draw their progress, ends one too. */
function lines(take: (line: string) => void): { feed: (text: string) => void; end: () => void } {
  let rest = '';
  return {
    feed: (text) => {
      const parts = `${rest}${text}`.split(/[\r\n]+/);
      rest = parts.pop()!;
      parts.forEach(take);
    },
    end: () => take(rest),
  };
}
