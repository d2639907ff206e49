import type { PostTasksExecution, PreTasksExecution } from '@nx/devkit';

/**
 * Each command of Nx loads the plugin with all that it imports, before it does anything; `nx show projects` runs no
 * tasks. So the hooks import what they need when they run.
 */
async function loadNx() {
  const [{ readCachedProjectGraph }, { default: manifest }] = await Promise.all([
    import('nx/src/devkit-exports.js'),
    import('nx/package.json', { with: { type: 'json' } }),
  ]);
  return { version: manifest.version, readCachedProjectGraph };
}

/** Before the tasks of a command, and before any of them is looked up in the cache. */
export const preTasksExecution: PreTasksExecution = async (_options, context) => {
  const [
    { tellAskedTargets },
    { keyboardForTasks },
    { checkConfiguration },
    { refuseForgottenOptions },
    { tellStoredRelease },
  ] = await Promise.all([
    import('./asked.ts'),
    import('./asking.ts'),
    import('./configuration.ts'),
    import('./forgotten-options.ts'),
    import('./stored-release.ts'),
  ]);
  const readGraph = async () => (await loadNx()).readCachedProjectGraph();
  // What a hook sets here, Nx sets in its own process as well (loaded-nx-plugin.js).
  Object.assign(process.env, keyboardForTasks(context));
  tellAskedTargets(context, process.env);
  await checkConfiguration(context, readGraph, process.env);
  await refuseForgottenOptions(context, readGraph);
  await tellStoredRelease(context, readGraph, process.env);
};

/** After them. */
export const postTasksExecution: PostTasksExecution = async (_options, context) =>
  (await import('./exit-code.ts')).failAsFailure(context, loadNx);
