import { run, type ProgramEnd } from './run.ts';

/**
 * Runs git on the repository that a folder is in. It asks nobody for a password, and its messages are in English.
 *
 * @param folder any folder of the repository
 */
export function git(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProgramEnd> {
  return run('git', args, { cwd: folder, env: gitEnvironment(env) });
}

/** An environment without what a git hook has in it, which leads git to the hook's repository in every folder. */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofRepository =
    /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/;
  const kept = Object.entries(env).filter(([name]) => !ofRepository.test(name));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}
