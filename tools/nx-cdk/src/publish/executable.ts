import { run, type RunOptions } from '@nx-cdk/processes';

/** Credentials of AWS, and the tokens with which jobs of a CI get some. */
const CREDENTIALS = /^AWS_|(ID|OIDC)_TOKEN/;

/**
 * Runs the command of an executable source. No shell is involved, and its output is not shown: it was not written for
 * a log and may hold a secret, like its arguments. It gets no variable by which it could act as this process does.
 *
 * @param result what it writes as the last line of its output, for the failure
 */
export async function lastLineOf(
  [program, ...args]: readonly string[],
  result: string,
  options: RunOptions,
): Promise<{ readonly line: string; readonly failure?: string }> {
  const { stdout, failure } = await run(program!, args, {
    ...options,
    env: withoutCredentials(options.env ?? process.env),
  });
  const line = stdout.trim().split('\n').at(-1)!.trim();
  return { line, failure: failure ?? (line === '' ? `it wrote no ${result} to its output` : undefined) };
}

function withoutCredentials(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !CREDENTIALS.test(name)));
}
