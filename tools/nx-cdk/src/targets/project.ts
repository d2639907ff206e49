import { readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';

/** Named inputs of Nx; a workspace need not have `production`. */
export type Sources = 'production' | 'default';

/** What Nx calls a plugin with. Nx 22 and Nx 24 have other names for this type. */
export interface NodesContext {
  readonly workspaceRoot: string;
  readonly nxJsonConfiguration: NxJsonConfiguration;
}

/** What Nx knows of a project without our plugin. */
export interface ProjectFacts {
  readonly name: string;
  /** Whether its package.json or project.json has the name. */
  readonly isNamed: boolean;
  /** The tags of its package.json or project.json. */
  readonly tags: readonly string[];
  /** The named input of its own sources. */
  readonly sources: Sources;
  /** The same for the projects that it depends on. */
  readonly dependencySources: `^${Sources}`;
}

/** What Nx takes from a project's own files. */
interface ProjectFile {
  readonly name?: unknown;
  readonly tags?: unknown;
  readonly namedInputs?: unknown;
  readonly nx?: unknown;
}

/** Its name is that of its project.json or package.json, else that of its folder. Its own named inputs count, too. */
export function readProject(root: string, { workspaceRoot, nxJsonConfiguration }: NodesContext): ProjectFacts {
  const folder = join(workspaceRoot, root);
  const files = ['project.json', 'package.json'].map((file) => readProjectFile(join(folder, file)));
  // In a package.json, what is for Nx alone counts before the rest.
  const parts = files.flatMap((content) => [fieldsOf(content?.nx), fieldsOf(content)]);
  const name = parts.map((part) => part.name).find((found) => typeof found === 'string' && found !== '');
  const shared = hasProduction(nxJsonConfiguration);
  return {
    name: typeof name === 'string' ? name : basename(folder),
    // Nx itself reports a broken file, with its name.
    isNamed: name !== undefined || files.includes(undefined),
    tags: parts.flatMap(({ tags }) => (Array.isArray(tags) ? tags.map(String) : [])),
    sources: shared || parts.some(hasProduction) ? 'production' : 'default',
    dependencySources: shared ? '^production' : '^default',
  };
}

/** @returns undefined for a file that is no JSON; nothing for one that is not there */
function readProjectFile(file: string): ProjectFile | undefined {
  try {
    return fieldsOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : undefined;
  }
}

function fieldsOf(content: unknown): ProjectFile {
  return typeof content === 'object' && content !== null ? content : {};
}

function hasProduction({ namedInputs }: { readonly namedInputs?: unknown }): boolean {
  return typeof namedInputs === 'object' && namedInputs !== null && 'production' in namedInputs;
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

/**
 * Tells projects apart that have no name but that of their folder, if two folders are called the same: they are called
 * after their path. Nx refuses a workspace with two projects of one name.
 */
export function nameApart<Facts extends Pick<ProjectFacts, 'name' | 'isNamed'> & { readonly root: string }>(
  projects: readonly Facts[],
): Facts[] {
  const isTaken = ({ name, root }: Facts) => projects.some((other) => other.name === name && other.root !== root);
  return projects.map((one) =>
    !one.isNamed && one.root !== '.' && isTaken(one) ? { ...one, name: one.root.replaceAll('/', '-') } : one,
  );
}
