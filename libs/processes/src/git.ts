import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramEnd, run } from './run.ts';

/** Variables of a git hook that make git use the hook's repository in every folder. */
const OF_A_REPOSITORY =
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/;

/**
 * Runs git on the repository of a folder, without asking for a password, and with messages in English.
 *
 * @param folder any folder of the repository
 */
export function git(folder: string, args: readonly string[], env = process.env): Promise<ProgramEnd> {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_A_REPOSITORY.test(name)));
  return run('git', args, { cwd: folder, env: { ...kept, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' } });
}

/**
 * The files of a checkout as it is on disk: uncommitted changes included, but not what git ignores.
 *
 * @returns paths relative to the folder
 * @throws Error if the folder is in no repository
 */
export async function filesOfCheckout(folder: string): Promise<string[]> {
  const { stdout, failure, lastLines } = await git(folder, ['ls-files', '-co', '--exclude-standard', '-z']);
  if (failure !== undefined) throw new Error(`git cannot list the files of ${folder}: ${lastLines.at(-1) ?? failure}`);
  // A file that was deleted, but not committed yet, is still listed.
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(folder, file)));
}

/** What git says went wrong, in one line without a full stop. */
export function complaintOf({ stderr, failure }: ProgramEnd): string {
  const [line = ''] = stderr.trim().split('\n');
  return line.replace(/^(fatal|error): /, '').replace(/\.$/, '') || (failure ?? '');
}
