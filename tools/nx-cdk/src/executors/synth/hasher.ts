import { join, resolve } from 'node:path';
import { isCI } from '@nx-cdk/processes';
import type { CustomHasher } from '@nx/devkit';
import { cacheDir, workspaceRoot } from 'nx/src/devkit-exports.js';
import { instanceFolder, readCdkJson } from '../../cdk-json/index.ts';
import { appEnvironment, identityOf, inputsOf, isLeftOut, keyOf, KNOWN_FOLDER } from '../../inputs/index.ts';
import { resolvesDefaults } from '../../synth/index.ts';
import type { SynthExecutorSchema } from './schema.d.ts';
import { ownOverrides } from './own-overrides.ts';

/**
 * The key under which Nx keeps a synthesis. It follows from Nx's own hash, from all that the app gets of the
 * environment, and from what an earlier synthesis read, wherever that lies. See `inputs/known.ts`.
 */
export const hashSynth: CustomHasher = async (task, context) => {
  const { hasher, taskGraph, projectsConfigurations } = context;
  const { env = process.env } = context as { env?: NodeJS.ProcessEnv };
  const own = { ...task, overrides: ownOverrides(task.overrides as Record<string, unknown>) };
  const { value, ...rest } = await hasher.hashTask(own, taskGraph!, env);
  const { project, target } = task.target;
  const { root, targets } = projectsConfigurations.projects[project]!;
  const options = { ...targets?.[target]?.options, ...task.overrides } as SynthExecutorSchema;
  const projectRoot = join(workspaceRoot, root);
  const folder = join(cacheDir, KNOWN_FOLDER);
  const parts = [value];
  const once = () => keyOf([value, String(Date.now())], { folder, workspaceRoot, output: projectRoot }, env);
  // What is left out makes nothing: it must be neither taken from the cache nor kept there for a synthesis.
  if (isLeftOut(env, target)) return { ...rest, value: once() };
  try {
    const config = readCdkJson(projectRoot);
    const { passEnvironment } = options;
    // Lookups are refused there. A synthesis that looked something up is kept under the inputs that it had before,
    // without the values in cdk.context.json: as the answer it would hide that they were never committed.
    parts.push(String(isCI(env)));
    parts.push(JSON.stringify(inputsOf(appEnvironment({ workspaceRoot, projectRoot, config, passEnvironment }, env))));
    if (resolvesDefaults(config, options.defaultEnvironment, env)) parts.push(...identityOf(env));
    const { environment, instance } = options;
    const ofInstance =
      environment === undefined || instance === undefined ? undefined : instanceFolder(environment, String(instance));
    const output = resolve(projectRoot, options.output ?? ofInstance ?? config.output ?? 'cdk.out');
    return { ...rest, value: keyOf(parts, { folder, workspaceRoot, output }, env) };
  } catch {
    // The app then runs, and says what is wrong.
    return { ...rest, value: once() };
  }
};
