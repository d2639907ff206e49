import type { ExecutorContext } from '@nx/devkit';
import { runCommand } from '../../command/index.ts';
import { testHandler } from '../../handlers/index.ts';
import type { TestHandlerExecutorSchema } from './schema.d.ts';

/** Runs the tests of a handler in Go or Rust. */
export default async function testHandlerExecutor(options: TestHandlerExecutorSchema, context: ExecutorContext) {
  return runCommand(options, context, async (command) => ({
    success: await testHandler({ ...command, language: options.language, env: process.env }),
  }));
}
