import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { environmentNames } from '@nx-cdk/environments';
import { type CreateNodesContext, readJsonFile } from '@nx/devkit';
import { type CdkJson, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT } from '../cdk-json/index.ts';

/** Named inputs of Nx; a workspace need not have `production`. */
type Sources = 'production' | 'default';

/** What Nx knows of a project without our plugin. */
interface ProjectFacts {
  readonly name: string;
  /** Whether its package.json or project.json has the name. */
  readonly isNamed: boolean;
  /** The named input of its own sources. */
  readonly sources: Sources;
  /** The same for the projects that it depends on. */
  readonly dependencySources: `^${Sources}`;
}

/** What the Nx targets of an app follow from. */
export interface AppFacts extends ProjectFacts {
  /** Folder of the app, relative to the workspace root. */
  readonly root: string;
  readonly cdkJson: CdkJson;
  /** Names of the environments in promotion order, read from `environmentsFile`. */
  readonly environments: readonly string[];
  /** The environments file, relative to the workspace root; absent for an app without environments. */
  readonly environmentsFile: string | undefined;
  /** The same for the pipeline that the app makes, if it makes one. */
  readonly pipelineFile: string | undefined;
  /** Whether the plugin's own sources are a project of the workspace. */
  readonly ownSources: boolean;
}

/** Reads an app: its `cdk.json`, what Nx knows of its project, and the names of its environments. */
export function readApp(file: string, context: CreateNodesContext): AppFacts {
  const { workspaceRoot } = context;
  const root = dirname(file);
  const cdkJson = readConfig(join(workspaceRoot, file));
  /** The environments file that the app names under a key of its context. */
  const fileNamedBy = (key: string): string | undefined => {
    const named = cdkJson.context?.[key];
    return typeof named === 'string'
      ? slashed(relative(workspaceRoot, resolve(workspaceRoot, root, named)))
      : undefined;
  };
  const environmentsFile = fileNamedBy(ENVIRONMENTS_CONTEXT);
  return {
    root,
    ...readProject(root, context),
    cdkJson,
    environmentsFile,
    environments: environmentsFile === undefined ? [] : environmentNames(join(workspaceRoot, environmentsFile)),
    pipelineFile: fileNamedBy(PIPELINE_CONTEXT),
    ownSources: isLocal(workspaceRoot),
  };
}

/** What Nx takes from a project's own files. */
interface ProjectFile {
  readonly name?: string;
  readonly namedInputs?: object;
  readonly nx?: Omit<ProjectFile, 'nx'>;
}

/** Its name is that of its project.json or package.json, else that of its folder. Its own named inputs count, too. */
export function readProject(root: string, { workspaceRoot, nxJsonConfiguration }: CreateNodesContext): ProjectFacts {
  const folder = join(workspaceRoot, root);
  const files = ['project.json', 'package.json'].map((file) => readProjectFile(join(folder, file)));
  const name = files.map((content) => content?.nx?.name ?? content?.name).find((found) => found !== undefined);
  const has = (content: ProjectFile | undefined) => 'production' in (content?.namedInputs ?? {});
  const shared = has(nxJsonConfiguration);
  const own = files.some((content) => has(content) || has(content?.nx));
  return {
    name: name ?? basename(folder),
    // Nx itself reports a broken file, with its name.
    isNamed: name !== undefined || files.includes(undefined),
    sources: shared || own ? 'production' : 'default',
    dependencySources: shared ? '^production' : '^default',
  };
}

/** @returns undefined for a file that is no JSON; nothing for one that is not there */
function readProjectFile(file: string): ProjectFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProjectFile;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : undefined;
  }
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

/** A path as Nx has them, on Windows as well. */
export function slashed(path: string): string {
  return path.split(sep).join('/');
}

/** Whether this plugin is part of the workspace it works in, and not installed from a registry. */
export function isLocal(workspaceRoot: string): boolean {
  // Node names modules by their real path, even if the workspace was reached by a link.
  const own = relative(realpathSync(workspaceRoot), import.meta.dirname);
  return !own.startsWith('..') && !own.split(sep).includes('node_modules');
}
