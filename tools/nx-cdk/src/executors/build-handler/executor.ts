import { defineExecutor } from '../../command/index.ts';
import { buildHandler } from '../../handlers/index.ts';
import { imageObstacle } from './image-obstacle.ts';
import type { BuildHandlerExecutorSchema } from './schema.d.ts';

/** Compiles a handler in Go or Rust, and makes ready what its image is built of. */
export default defineExecutor(async (options: BuildHandlerExecutorSchema, command) => ({
  success: await buildHandler(
    { ...command, language: options.language, env: process.env },
    options.architecture,
    options.image === true ? { obstacle: await imageObstacle(process.env) } : undefined,
  ),
}));
