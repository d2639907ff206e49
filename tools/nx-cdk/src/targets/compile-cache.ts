import { join } from 'node:path';

/** Where Node keeps it, relative to the workspace; beside the caches of other tools, which git and Nx leave alone. */
const FOLDER = join('node_modules', '.cache', 'nx-cdk');

/**
 * Lets all tasks of a command share Node's compile cache. A task is a process of its own that loads Nx, an executor, and SDK clients or a CDK app: from the second one on none of
 * these is compiled again, which halves what each starts with.
 *
 * It has to be in the environment before a process begins: switched on by a program, it is too late for what the program was loaded with. Whoever
 * has set `NODE_COMPILE_CACHE` or `NODE_DISABLE_COMPILE_CACHE` keeps what they have (https://nodejs.org/api/module.html#module-compile-cache).
 */
export function shareCompileCache(workspaceRoot: string, environment: NodeJS.ProcessEnv): void {
  if (environment['NODE_DISABLE_COMPILE_CACHE']) return;
  environment['NODE_COMPILE_CACHE'] ||= join(workspaceRoot, FOLDER);
}
