import { defineExecutor } from '../../command/index.ts';
import { testHandler } from '../../handlers/index.ts';
import type { TestHandlerExecutorSchema } from './schema.d.ts';

/** Runs the tests of a handler in Go or Rust. */
export default defineExecutor(async ({ language }: TestHandlerExecutorSchema, command) => ({
  success: await testHandler({ ...command, language, env: process.env }),
}));
