import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import {
  type CreateNodes,
  type CreateNodesContext,
  type ProjectConfiguration,
  createNodesFromFiles,
  readJsonFile,
} from '@nx/devkit';
import { environmentNames } from '@libs/environments';
import { ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT, type CdkJson } from './synth/index.ts';
import { inferHandlerTargets } from './targets/handlers/infer-handler-targets.ts';
import { inferTargets } from './targets/infer-targets.ts';
import { type CdkPluginOptions, normalizePluginOptions } from './targets/plugin-options.ts';

export type { CdkPluginOptions };
export { postTasksExecution, preTasksExecution } from './targets/exit-code.ts';

/**
 * Every folder with a `cdk.json` is a CDK app and gets the targets synth, diff, publish, plan, deploy, destroy,
 * rollback, bootstrap and lookups; where its stages are the environments of a file, some of them once more for each
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
    return createNodesFromFiles((file, given, ctx) => createNode(file, given, ctx), own, options, context);
  },
];

function createNode(file: string, options: CdkPluginOptions | undefined, context: CreateNodesContext) {
  const root = dirname(file);
  if (basename(file) !== 'cdk.json') {
    const handler = inferHandlerTargets(file, context, isLocal(context.workspaceRoot));
    return { projects: handler === undefined ? {} : { [root]: handler } };
  }
  const config = readConfig(join(context.workspaceRoot, file));
  const environments = fileNamedBy(ENVIRONMENTS_CONTEXT, root, config, context);
  const project: Partial<ProjectConfiguration> = {
    projectType: 'application',
    targets: inferTargets({
      root,
      cdkJson: config,
      environmentsFile: environments,
      pipelineFile: fileNamedBy(PIPELINE_CONTEXT, root, config, context),
      environments: environments === undefined ? [] : environmentNames(join(context.workspaceRoot, environments)),
      ownSources: isLocal(context.workspaceRoot),
      namedInputs: context.nxJsonConfiguration.namedInputs ?? {},
      options: normalizePluginOptions(options),
    }),
    ...nameUnlessGiven(root, context),
    ...(isLocal(context.workspaceRoot) ? { implicitDependencies: ['nx-cdk'] } : {}),
  };
  return { projects: { [root]: project } };
}

/** A `cdk.json` that cannot be understood still is a CDK app: its targets exist and say what is wrong when they run. */
function readConfig(file: string): CdkJson {
  try {
    const content: unknown = readJsonFile(file);
    const config: CdkJson = typeof content === 'object' && content !== null ? content : {};
    return typeof config.output === 'string' ? config : { ...config, output: undefined };
  } catch {
    return {};
  }
}

/** The environments file an app names under a key of its context, relative to the workspace root. */
function fileNamedBy(key: string, root: string, config: CdkJson, context: CreateNodesContext): string | undefined {
  const named = config.context?.[key];
  if (typeof named !== 'string') return undefined;
  return relative(context.workspaceRoot, resolve(context.workspaceRoot, root, named))
    .split(sep)
    .join('/');
}

/**
 * Nx takes a project's name from package.json or project.json; an app that has neither, or no name in it, is called
 * after its folder.
 */
function nameUnlessGiven(root: string, context: CreateNodesContext): { name?: string } {
  for (const name of ['project.json', 'package.json']) {
    const file = join(context.workspaceRoot, root, name);
    if (!existsSync(file)) continue;
    try {
      const content = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; nx?: { name?: string } };
      if (content.name !== undefined || content.nx?.name !== undefined) return {};
    } catch {
      // Nx itself reports a broken package.json, with the file's name.
      return {};
    }
  }
  return { name: basename(join(context.workspaceRoot, root)) };
}

/** Whether this plugin is part of the workspace it works in, and not installed from a registry. */
function isLocal(workspaceRoot: string): boolean {
  // Node names modules by their real path, whatever link the workspace was reached by.
  const own = relative(realpathSync(workspaceRoot), import.meta.dirname);
  return !own.startsWith('..') && !own.split(sep).includes('node_modules');
}
