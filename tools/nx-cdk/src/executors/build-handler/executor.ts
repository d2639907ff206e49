import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/run-command.ts';
import { buildHandler } from '../../handlers/index.ts';
import type { BuildHandlerExecutorSchema } from './schema.d.ts';

/** Compiles a handler in Go or Rust. */
export default async function buildHandlerExecutor(options: BuildHandlerExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async (command) => ({
    success: await buildHandler(
      { ...command, language: options.language, env: process.env },
      resolve(command.workspaceRoot, options.architectureFile),
    ),
  }));
}
