import { defineExecutor } from '../../command/index.ts';
import { buildPython } from '../../handlers/index.ts';
import type { BuildPythonExecutorSchema } from './schema.d.ts';

/** Puts the code of a handler in Python, and what it requires, into its `dist`. */
export default defineExecutor(async ({ runtime, architecture }: BuildPythonExecutorSchema, command) => ({
  success: await buildPython({ ...command, env: process.env }, { runtime, architecture }),
}));
