import { resolve } from 'node:path';
import { run } from '@libs/processes';
import { Failure } from '../failure/index.ts';

/**
 * Runs the command of an executable asset source and returns the absolute path of the file it made: the last line that
 * it writes to its output. No shell is involved: the assembly holds the arguments one by one.
 *
 * @param directory in which the command runs and which a relative path is relative to
 * @throws Failure `AssetBuildFailed`
 */
export async function runExecutable(command: readonly string[], directory: string): Promise<string> {
  const [program, ...args] = command;
  const { stdout, failure } = await run(program!, args, { cwd: directory });
  const path = stdout.trimEnd().split('\n').at(-1)!.trim();
  if (failure === undefined && path !== '') return resolve(directory, path);
  // Only the program is named, not what it wrote: arguments and output of a build may hold a secret.
  throw new Failure('AssetBuildFailed', {
    what: `The command ${program} that builds an asset failed (${failure ?? 'it wrote no path to its output'})`,
    next: `run it in ${directory} to see why, then publish again`,
  });
}
