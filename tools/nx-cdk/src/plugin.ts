import { basename } from 'node:path';
import type { PostTasksExecution, PreTasksExecution, ProjectConfiguration } from '@nx/devkit';
import {
  type AppFacts,
  type CdkPluginOptions,
  checkConfiguration,
  failAsFailure,
  type HandlerFacts,
  inferHandlerTargets,
  inferTargets,
  isSource,
  keyboardForTasks,
  listedHandlers,
  nameApart,
  type NodesContext,
  readApp,
  readHandler,
} from './targets/index.ts';

export type { CdkPluginOptions };

/**
 * Each command of Nx loads this file, with all that it imports, before it does anything: what only some commands need
 * is imported when they do.
 */
const devkit = () => import('@nx/devkit');

/** Before the tasks of a command, and before any of them is looked up in the cache. */
export const preTasksExecution: PreTasksExecution<CdkPluginOptions> = async (_options, context) => {
  // What a hook sets here, Nx sets in its own process as well (loaded-nx-plugin.js).
  Object.assign(process.env, keyboardForTasks(context));
  await checkConfiguration(context, async () => (await devkit()).readCachedProjectGraph(), process.env);
};

/** After them. */
export const postTasksExecution: PostTasksExecution<CdkPluginOptions> = async (_options, context) =>
  failAsFailure(context, devkit);

/** What one file brings to the graph: the file, and the projects by their folders. */
type Nodes = readonly [file: string, { projects: Record<string, Partial<ProjectConfiguration>> }];

/**
 * Every folder with a `cdk.json` is a CDK app and gets the targets synth, diff, publish, plan, deploy, destroy,
 * rollback, bootstrap and lookups; if its stages are the environments of a file, some of them once more for each
 * environment; if it makes the pipeline, released too.
 *
 * Folders with a `go.mod` or a `Cargo.toml` that the option `handlers` names, or that have the tag `nx-cdk:handler`,
 * are compiled handlers and get build, test and vet.
 *
 * Nothing in these files can break the graph: what is wrong with them, a target says when it runs.
 *
 * No result is kept between runs: reading a `cdk.json` takes less than a millisecond, and a kept one would show stale
 * targets after an edit of this plugin.
 */
export const createNodes = [
  '**/{cdk.json,go.mod,Cargo.toml}',
  async (files: readonly string[], options: CdkPluginOptions | undefined, context: NodesContext): Promise<Nodes[]> => {
    const isListed = await listedHandlers(options ?? {});
    const read = (file: string) =>
      basename(file) === 'cdk.json' ? readApp(file, context) : readHandler(file, context, isListed);
    const found = files.filter(isSource).flatMap((file) => {
      const facts = read(file);
      return facts === undefined ? [] : [{ file, ...facts }];
    });
    return nameApart(found).map((facts) => [
      facts.file,
      { projects: { [facts.root]: projectOf(facts, options ?? {}, context) } },
    ]);
  },
] as const;

/** The name that Nx 22 prefers. */
export const createNodesV2 = createNodes;

function projectOf(
  facts: AppFacts | HandlerFacts,
  options: CdkPluginOptions,
  context: NodesContext,
): Partial<ProjectConfiguration> {
  const named = facts.isNamed ? {} : { name: facts.name };
  if (!('cdkJson' in facts)) return { ...inferHandlerTargets(facts, options, context), ...named };
  return {
    projectType: 'application',
    ...inferTargets(facts, options),
    ...named,
    ...(facts.ownSources ? { implicitDependencies: ['nx-cdk'] } : {}),
  };
}
