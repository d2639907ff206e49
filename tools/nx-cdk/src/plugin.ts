import { basename } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';
import {
  type AppFacts,
  type CdkPluginOptions,
  type HandlerFacts,
  inferHandlerTargets,
  inferTargets,
  isSource,
  listedHandlers,
  nameApart,
  type NodesContext,
  readApp,
  readHandler,
} from './targets/index.ts';

export type { CdkPluginOptions };
export { postTasksExecution, preTasksExecution } from './targets/index.ts';

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
    const read = async (file: string) =>
      basename(file) === 'cdk.json' ? readApp(file, context) : readHandler(file, context, isListed);
    const found = await Promise.all(files.filter(isSource).map(async (file) => ({ file, facts: await read(file) })));
    const known = found.flatMap(({ file, facts }) => (facts === undefined ? [] : [{ file, ...facts }]));
    return nameApart(known).map((facts) => [
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
