import { execFile } from 'node:child_process';

/** What a program answered. */
export interface Answer {
  /** Whether it could be started at all. */
  readonly started: boolean;
  /** Standard output without white space around it; undefined if the program failed or took too long. */
  readonly answer?: string;
}

/**
 * Asks a program for something that it knows, such as its version. Never throws. For programs that start nothing and
 * end at once: unlike `run` it needs no library, which would take longer to load than most answers take. Inputs of
 * Nx's cache are asked for with every command.
 *
 * @param timeout milliseconds. @default never
 */
export async function ask(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv; readonly timeout?: number },
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const child = execFile(program, args, { ...options, killSignal: 'SIGKILL' }, (error, stdout) => {
    // A code that is no number says why it could not be started.
    if (error) resolve({ started: typeof error.code !== 'string' });
    else resolve({ started: true, answer: stdout.trim() });
  });
  child.stdin?.end();
  return promise;
}
