import { posix } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import { instanceFolder, INSTANCES_FOLDER } from '../cdk-json/index.ts';
import type { AppFacts } from './app.ts';
import { metadataOf } from './metadata.ts';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** What is built before an app runs: what it depends on, and the app itself if it has such a target. */
export const BUILDS = ['^build', 'build'];

/**
 * The synth target of an app: cached, since an assembly follows from its inputs alone. Those below are what Nx can know
 * before; `executors/synth/hasher.ts` adds what an app has read, and the environment that it gets.
 */
export function synthTarget(app: AppFacts, name: string, options: object): TargetConfiguration {
  const description = 'Run the CDK app and write its cloud assembly; cached, needs no AWS permission';
  const output = outputPattern(app);
  return {
    executor: 'nx-cdk:synth',
    cache: true,
    dependsOn: BUILDS,
    // Where git does not ignore it, the assembly would be an input of itself.
    inputs: [...synthInputs(app), ...(output.startsWith('{projectRoot}') ? [`!${output}/**/*`] : [])],
    // The folder as a whole, nothing excepted: Nx 24 would then keep single files, without `node_modules`, `.git` and
    // empty folders, so that assets come back from the cache without their packages. Nx 22 and 23 refuse an exception
    // outside of a project, Nx 22 also in one at the root. None is needed: what the stock tools leave behind is not
    // there yet, since a synthesis has just replaced the folder.
    outputs: [output],
    options,
    metadata: metadataOf(app.name, name, 'aws-cdk', description, { strict: true }),
  };
}

/** The synth target of an environment with instances: each has a folder of its own, which the cache keeps as well. */
export function instanceSynthTarget(
  app: AppFacts,
  name: string,
  { environment, ...options }: { readonly environment: string },
): TargetConfiguration {
  const ofAll = synthTarget(app, name, { environment, ...options });
  const description = `Run the CDK app for one instance of ${environment}; cached, needs no AWS permission`;
  return {
    ...ofAll,
    inputs: [...ofAll.inputs!, `!{projectRoot}/${INSTANCES_FOLDER}/**/*`],
    outputs: [`{projectRoot}/${instanceFolder(environment, '{options.instance}')}`],
    metadata: metadataOf(app.name, name, 'aws-cdk', description, { instance: 'ada' }),
  };
}

/** The assembly's folder, as Nx wants it: without `./` and `../`, which its cache does not follow. */
function outputPattern({ root, cdkJson }: AppFacts): string {
  const inProject = posix.normalize(cdkJson.output ?? 'cdk.out').replace(/\/$/, '');
  if (!inProject.startsWith('../')) return `{projectRoot}/${inProject}`;
  return `{workspaceRoot}/${posix.join(root, inProject)}`;
}

function synthInputs({ sources, dependencySources, environmentsFile, pipelineFile, ownSources }: AppFacts): Inputs {
  return [
    sources,
    dependencySources,
    // What `^build` made is git-ignored, and a fileset over ignored files hashes to a constant.
    { dependentTasksOutputFiles: '**/*', transitive: true },
    // An app may take its account and region from these; nothing else of the caller's world gets into an assembly.
    { env: 'CDK_DEFAULT_ACCOUNT' },
    { env: 'CDK_DEFAULT_REGION' },
    // Apps get it. Whether lookups are refused, which other variables may say as well, is added by the hasher.
    { env: 'CI' },
    ...[...new Set([environmentsFile, pipelineFile])].flatMap((file) =>
      file === undefined ? [] : [`{workspaceRoot}/${file}`],
    ),
    // An edit of a local executor neither invalidates the cache nor marks its users affected by itself.
    ...(ownSources ? [{ input: sources, projects: ['nx-cdk'] }] : []),
  ];
}
