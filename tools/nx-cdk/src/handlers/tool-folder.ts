import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where compilers keep what they download and compile, below the workspace: a build leaves nothing outside of it, and
 * needs no home folder, which not every CI has. GOPATH, GOCACHE and CARGO_HOME override this.
 *
 * The folder may be a link to that of another checkout, which then shares what is in it.
 */
export function toolFolder(workspaceRoot: string, ...parts: string[]): string {
  const folder = join(workspaceRoot, '.toolchains');
  return join(existsSync(folder) ? realpathSync(folder) : folder, ...parts);
}

/** A copy of an environment without some variables, named by pattern. */
export function without(env: NodeJS.ProcessEnv, pattern: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !pattern.test(name)));
}

/** Whether this is a CI, where nothing may be left out. */
export function isCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false', undefined].includes(env['CI']);
}
