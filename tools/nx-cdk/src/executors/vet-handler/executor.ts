import { defineExecutor } from '../../command/index.ts';
import { vetHandler } from '../../handlers/index.ts';
import type { VetHandlerExecutorSchema } from './schema.d.ts';

/** Looks for mistakes in a handler in Go or Rust. */
export default defineExecutor(async ({ language }: VetHandlerExecutorSchema, command) => ({
  success: await vetHandler({ ...command, language, env: process.env }),
}));
