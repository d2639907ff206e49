import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../failure/index.ts';

/**
 * Runs the command of an executable asset source and returns the absolute path of the file it made: the last line that
 * it writes to its output. No shell is involved: the assembly holds the arguments one by one.
 *
 * @param directory in which the command runs and which a relative path is relative to
 * @throws Failure `AssetBuildFailed`
 */
export async function runExecutable(command: readonly string[], directory: string): Promise<string> {
  const [file, ...args] = command;
  try {
    const { stdout } = await promisify(execFile)(file!, args, { cwd: directory, maxBuffer: 64 * 1024 * 1024 });
    const path = stdout.trimEnd().split('\n').at(-1)!.trim();
    if (path === '') throw new Error('it wrote no path to its output');
    return resolve(directory, path);
  } catch (cause) {
    // Only the program is named, and the cause is left out: arguments and output of a build may hold a secret.
    const { code, signal, message } = cause as { code?: unknown; signal?: string; message: string };
    const how =
      typeof code === 'number' ? `exit code ${code}` : signal ? `signal ${signal}` : code ? String(code) : message;
    throw new Failure(
      'AssetBuildFailed',
      `The command ${file} that builds an asset failed (${how}): run it in ${directory} to see why, then publish again.`,
    );
  }
}
