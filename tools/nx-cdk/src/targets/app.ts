import { dirname, join, relative, resolve } from 'node:path';
import type { EnvironmentOutline } from '@nx-cdk/environments';
import { type CdkJson, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT, readCdkJson } from '../cdk-json/index.ts';
import { isLocal, type NodesContext, type ProjectFacts, readProject, slashed } from './project.ts';

/** What the Nx targets of an app follow from. */
export interface AppFacts extends ProjectFacts {
  /** Folder of the app, relative to the workspace root. */
  readonly root: string;
  readonly cdkJson: CdkJson;
  /** The environments in promotion order, read from `environmentsFile`. */
  readonly environments: readonly EnvironmentOutline[];
  /** The instance that is meant if nobody names one. @default - none is */
  readonly defaultInstance?: string;
  /** The environments file, relative to the workspace root; absent for an app without environments. */
  readonly environmentsFile: string | undefined;
  /** The same for the pipeline that the app makes, if it makes one. */
  readonly pipelineFile: string | undefined;
  /** Whether the plugin's own sources are a project of the workspace. */
  readonly ownSources: boolean;
}

/** Reads an app: its `cdk.json`, what Nx knows of its project, and the names of its environments. */
export async function readApp(file: string, context: NodesContext): Promise<AppFacts> {
  const { workspaceRoot } = context;
  const root = dirname(file);
  const cdkJson = readConfig(join(workspaceRoot, root));
  /** The environments file that the app names under a key of its context. */
  const fileNamedBy = (key: string): string | undefined => {
    const named = cdkJson.context?.[key];
    return typeof named === 'string'
      ? slashed(relative(workspaceRoot, resolve(workspaceRoot, root, named)))
      : undefined;
  };
  const environmentsFile = fileNamedBy(ENVIRONMENTS_CONTEXT);
  const environments = environmentsFile === undefined ? [] : await outlinesIn(join(workspaceRoot, environmentsFile));
  const hasInstances = environments.some(({ instances }) => instances);
  return {
    root,
    ...readProject(root, context),
    cdkJson,
    environmentsFile,
    environments,
    ...(hasInstances && { defaultInstance: await defaultInstance(workspaceRoot) }),
    pipelineFile: fileNamedBy(PIPELINE_CONTEXT),
    ownSources: isLocal(workspaceRoot),
  };
}

/** A `cdk.json` that cannot be understood still is a CDK app: its targets exist and say what is wrong when they run. */
function readConfig(folder: string): CdkJson {
  try {
    const content: unknown = readCdkJson(folder);
    const config: CdkJson = typeof content === 'object' && content !== null ? content : {};
    return typeof config.output === 'string' ? config : { ...config, output: undefined };
  } catch {
    return {};
  }
}

/** Imported late, as only environments with instances need it. */
async function defaultInstance(workspaceRoot: string): Promise<string | undefined> {
  const { instanceOfUser } = await import('./instance-of-user.ts');
  return instanceOfUser(workspaceRoot);
}

/** Imported late: each command of Nx loads this, and an app need not have environments. */
async function outlinesIn(file: string): Promise<readonly EnvironmentOutline[]> {
  const { environmentOutlines } = await import('@nx-cdk/environments');
  return environmentOutlines(file);
}
