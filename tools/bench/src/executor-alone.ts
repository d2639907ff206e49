import { join } from 'node:path';
import type { Command } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** An executor of the plugin as Nx calls it, in a process of its own. */
export function executorAlone(around: Surroundings, executor: string, options: object = {}): Command {
  const program = join(import.meta.dirname, 'run-executor.ts');
  return {
    program: process.execPath,
    args: ['--no-warnings', program, around.workspace, around.project, executor, JSON.stringify(options)],
    cwd: around.workspace,
    environment: around.environment,
  };
}
