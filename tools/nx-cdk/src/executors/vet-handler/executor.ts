import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import { vetHandler } from '../../handlers/index.ts';
import type { VetHandlerExecutorSchema } from './schema.d.ts';

/** Looks for mistakes in a handler in Go or Rust. */
export default async function vetHandlerExecutor(options: VetHandlerExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async (command) => ({
    success: await vetHandler({ ...command, language: options.language, env: process.env }),
  }));
}
