/**
 * Nx calls the functions of this file: executors by the names that `executors.json` gives them.
 *
 * Each task is a process of its own, and what it loads (this plugin, SDK clients, the CDK toolkit) is most of what it
 * starts with. From the second one on that need not be compiled, nor freed of types: Node keeps it. The cache has to be
 * on before anything else is imported, so this file is JavaScript: what takes types out of a file has to be compiled,
 * too. Nx's own modules were loaded before; to keep them as well (`NODE_COMPILE_CACHE` in the environment) saves a
 * tenth of a second a task, and costs a whole one if the cache is still empty, as in every CI.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * @typedef {(options: any, context: import('@nx/devkit').ExecutorContext) => Promise<{ success: boolean }>} Executor
 */

/** @type {(load: () => Promise<{ default: Executor }>) => Executor} */
const late = (load) => async (options, context) => {
  // Beside the caches of other tools, which git and Nx leave alone.
  enableCompileCache(join(context.root, 'node_modules', '.cache', 'nx-cdk'));
  const { default: executor } = await load();
  return executor(options, context);
};

export const bootstrap = late(() => import('./bootstrap/executor.ts'));
export const buildHandler = late(() => import('./build-handler/executor.ts'));
export const buildPython = late(() => import('./build-python/executor.ts'));
export const cdk = late(() => import('./cdk/executor.ts'));
export const deploy = late(() => import('./deploy/executor.ts'));
export const destroy = late(() => import('./destroy/executor.ts'));
export const dev = late(() => import('./dev/executor.ts'));
export const diff = late(() => import('./diff/executor.ts'));
export const drift = late(() => import('./drift/executor.ts'));
export const gc = late(() => import('./gc/executor.ts'));
export const importResources = late(() => import('./import-resources/executor.ts'));
export const lookups = late(() => import('./lookups/executor.ts'));
export const plan = late(() => import('./plan/executor.ts'));
export const publish = late(() => import('./publish/executor.ts'));
export const reap = late(() => import('./reap/executor.ts'));
export const refactor = late(() => import('./refactor/executor.ts'));
export const released = late(() => import('./released/executor.ts'));
export const releases = late(() => import('./releases/executor.ts'));
export const reports = late(() => import('./reports/executor.ts'));
export const rollback = late(() => import('./rollback/executor.ts'));
export const sandboxes = late(() => import('./sandboxes/executor.ts'));
/** @type {import('@nx/devkit').CustomHasher} */
export const hashSynth = async (...given) => (await import('./synth/hasher.ts')).hashSynth(...given);
export const synth = late(() => import('./synth/executor.ts'));
export const testHandler = late(() => import('./test-handler/executor.ts'));
export const validate = late(() => import('./validate/executor.ts'));
export const vetHandler = late(() => import('./vet-handler/executor.ts'));
