const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a program that had our terminal ended. */
export interface AttachedEnd {
  /** Its exit code; undefined if a signal ended it, or if it could not be started. */
  readonly exitCode: number | undefined;
  /** Whether we were asked to stop meanwhile, by Ctrl-C or another signal. */
  readonly stopped: boolean;
}

/**
 * Runs a program on our terminal, which is its own for as long: it asks, reads keys and has colours as if nobody had
 * started it for somebody. Never throws. Signals that would end this process end the program, and this process goes on.
 *
 * @param env the whole environment
 */
export async function runAttached(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<AttachedEnd> {
  const { execa } = await import('execa');
  const stopped = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => stopped.abort(signal);
  for (const signal of STOPS) process.on(signal, interrupt);
  try {
    const running = execa(program, args, { cwd, env, extendEnv: false, stdio: 'inherit', reject: false });
    stopped.signal.addEventListener('abort', () => {
      // A terminal has sent it to the program too, and a second Ctrl-C could mean more.
      if (!process.stdin.isTTY || stopped.signal.reason !== 'SIGINT')
        running.kill(stopped.signal.reason as NodeJS.Signals);
    });
    const { exitCode } = await running;
    return { exitCode, stopped: stopped.signal.aborted };
  } finally {
    for (const signal of STOPS) process.off(signal, interrupt);
  }
}
