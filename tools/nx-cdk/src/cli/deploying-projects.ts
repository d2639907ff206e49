import { resolve } from 'node:path';
import type { ProjectGraph } from '@nx/devkit';
import { readAssembly } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { describeRelease, parseReleases, readReleaseManifest } from '../release/index.ts';

/** A project that deploys to an environment, and where its assembly is. */
export interface DeployingProject {
  readonly name: string;
  /** Absolute path. */
  readonly assembly: string;
}

/** The executor by which a target is known as one that deploys; its name is the workspace's choice. */
const DEPLOY_EXECUTOR = 'nx-cdk:deploy';

/** The projects of a graph with a target that deploys to an environment alone, by name. */
export function deployingProjects(
  { nodes }: Pick<ProjectGraph, 'nodes'>,
  workspaceRoot: string,
  environment: string,
): DeployingProject[] {
  return Object.values(nodes)
    .flatMap(({ name, data }) => {
      const target = Object.values(data.targets ?? {}).find(
        ({ executor, options }) => executor === DEPLOY_EXECUTOR && options?.environment === environment,
      );
      if (target === undefined) return [];
      return [{ name, assembly: resolve(workspaceRoot, data.root, target.options?.assembly ?? 'cdk.out') }];
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * The digest of each project's release, by project; of an assembly that another tool made, the one that its release
 * would have.
 *
 * @throws Failure `NoAssembly` naming the project that has none
 */
export async function assemblyDigests(projects: readonly DeployingProject[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  // One after the other: a file is read at a time, however many projects there are.
  for (const { name, assembly } of projects) {
    digests[name] = await releaseDigest(assembly).catch((cause: unknown) => {
      if (!(cause instanceof Failure)) throw cause;
      const { code, what, where, next } = cause;
      throw new Failure(code, { subject: name, what, where, next: next?.replaceAll('<project>', name) }, { cause });
    });
  }
  return digests;
}

/**
 * The digest that a list names for each project: where a release was deployed by it, there is no assembly.
 *
 * @param releases as `nx-cdk hand-over` prints them
 * @throws Failure `BadRelease` if it is no list, or leaves a project out
 */
export function namedDigests(
  projects: readonly Pick<DeployingProject, 'name'>[],
  releases: string,
): Record<string, string> {
  const named = parseReleases(releases);
  const digests = projects.map(({ name }): [string, string] => {
    const digest = named.get(name);
    if (digest !== undefined) return [name, digest];
    const next = 'give the whole list that nx-cdk hand-over printed';
    throw new Failure('BadRelease', { what: `--releases names no release of ${name}`, next });
  });
  return Object.fromEntries(digests);
}

async function releaseDigest(directory: string): Promise<string> {
  const assembly = readAssembly(directory);
  return ((await readReleaseManifest(directory)) ?? (await describeRelease(assembly, { tools: {} }))).digest;
}

/** The project graph of the workspace: the one that Nx kept, or a new one. */
export async function projectGraph(): Promise<ProjectGraph> {
  const { createProjectGraphAsync, readCachedProjectGraph } = await import('@nx/devkit');
  try {
    return readCachedProjectGraph();
  } catch {
    // Neither a daemon nor a process for each plugin, which would outlive this command or slow it down.
    process.env['NX_DAEMON'] ??= 'false';
    process.env['NX_ISOLATE_PLUGINS'] ??= 'false';
    return createProjectGraphAsync({ exitOnError: false });
  }
}
