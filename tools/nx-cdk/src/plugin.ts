import { basename, dirname } from 'node:path';
import {
  type CreateNodes,
  type CreateNodesContext,
  type PreTasksExecution,
  type ProjectConfiguration,
  createNodesFromFiles,
  readCachedProjectGraph,
} from '@nx/devkit';
import {
  type CdkPluginOptions,
  checkConfiguration,
  inferHandlerTargets,
  inferTargets,
  isLocal,
  keyboardForTasks,
  noticeInterruptions,
  readApp,
} from './targets/index.ts';

export type { CdkPluginOptions };
export { postTasksExecution } from './targets/index.ts';

/** Before the tasks of a command, and before any of them is looked up in the cache. */
export const preTasksExecution: PreTasksExecution<CdkPluginOptions> = (_options, context) => {
  noticeInterruptions();
  checkConfiguration(context, readCachedProjectGraph, process.env);
  // What a hook sets here, Nx sets in its own process as well (loaded-nx-plugin.js).
  Object.assign(process.env, keyboardForTasks(context));
};

/**
 * Every folder with a `cdk.json` is a CDK app and gets the targets synth, diff, publish, plan, deploy, destroy,
 * rollback, bootstrap and lookups; if its stages are the environments of a file, some of them once more for each
 * environment; if it makes the pipeline, released too.
 *
 * Every folder with a `go.mod` or a `Cargo.toml` that names Lambda's runtime library is a compiled handler and gets
 * build, test and vet.
 *
 * No result is kept between runs: reading a `cdk.json` takes less than a millisecond, and a kept one would show stale
 * targets after an edit of this plugin.
 */
export const createNodes: CreateNodes<CdkPluginOptions> = [
  '**/{cdk.json,go.mod,Cargo.toml}',
  async (files, options, context) => {
    const own = files.filter((file) => !/(^|\/)(node_modules|cdk\.out|dist|target)\//.test(file));
    return createNodesFromFiles<CdkPluginOptions | undefined>(createNode, own, options, context);
  },
];

function createNode(file: string, options: CdkPluginOptions | undefined, context: CreateNodesContext) {
  const root = dirname(file);
  if (basename(file) !== 'cdk.json') {
    const handler = inferHandlerTargets(file, context, isLocal(context.workspaceRoot));
    return { projects: handler === undefined ? {} : { [root]: handler } };
  }
  const app = readApp(file, context);
  const project: Partial<ProjectConfiguration> = {
    projectType: 'application',
    ...inferTargets(app, options),
    ...(app.isNamed ? {} : { name: app.name }),
    ...(app.ownSources ? { implicitDependencies: ['nx-cdk'] } : {}),
  };
  return { projects: { [root]: project } };
}
