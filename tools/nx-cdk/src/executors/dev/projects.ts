import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { ExecutorContext, ProjectGraph, TargetConfiguration } from '@nx/devkit';
import ignore, { type Ignore } from 'ignore';
import { createProjectGraphAsync } from 'nx/src/devkit-exports.js';
import type { DevWorkspace } from '../../dev/index.ts';
import { BUILD, buildAll, buildOne, type Say } from './build.ts';
import { importsOf } from './imports.ts';
import { isInput } from './target-inputs.ts';

/** Files by which projects depend on each other, besides what is imported. */
const OF_PROJECTS = /^(package\.json|project\.json|tsconfig.*\.json|go\.mod|Cargo\.toml|pyproject\.toml)$/;

/** The projects that an app depends on, by Nx's project graph. */
export class AppProjects implements DevWorkspace {
  readonly root: string;
  readonly #context: ExecutorContext;
  readonly #say: Say;
  /** The environments file, which is read once and counts whatever is ignored. */
  readonly #environmentsFile: string;
  #graph: ProjectGraph;
  /** Names of the app and of all that it depends on; those that others need come first. */
  #names: readonly string[];
  #ignored: Ignore;
  readonly #imports = new Map<string, string>();

  private constructor(context: ExecutorContext, graph: ProjectGraph, environmentsFile: string, say: Say) {
    this.#say = say;
    this.root = context.root;
    this.#context = context;
    this.#environmentsFile = environmentsFile;
    this.#graph = graph;
    this.#names = this.#namesIn(graph);
    this.#ignored = ignoredIn(this.root);
  }

  /**
   * @param environmentsFile absolute
   * @param say takes what a build that failed has said
   */
  static async open(context: ExecutorContext, environmentsFile: string, say: Say): Promise<AppProjects> {
    const graph = context.projectGraph ?? (await createProjectGraphAsync({ exitOnError: false }));
    return new AppProjects(context, graph, environmentsFile, say);
  }

  folders(): string[] {
    return this.#names.map((name) => this.#folderOf(name));
  }

  isIgnored(path: string): boolean {
    if (path === this.#environmentsFile) return false;
    const inside = relative(this.root, path).split(sep).join('/');
    if (inside === '') return false;
    if (inside.startsWith('..')) return true;
    if (/(^|\/)(node_modules|\.git|\.nx|\.instances|cdk\.out)(\/|$)/.test(inside)) return true;
    const written = [...this.outputs().values()].flat();
    return this.#ignored.ignores(inside) || written.some((folder) => isIn(folder, path));
  }

  buildAll(): Promise<void> {
    return buildAll(this.#built, this.#context, this.#say);
  }

  builtFrom(files: readonly string[]): string[] {
    const owners = files.map((file) => ({ file, owner: this.#ownerOf(file) }));
    return this.#built.filter((name) =>
      owners.some(({ file, owner }) => {
        if (owner === undefined || !(owner === name || this.#dependenciesOf(name).has(owner))) return false;
        return isInput(file, { of: owner, from: name }, this.#graph, this.#context.nxJsonConfiguration);
      }),
    );
  }

  async build(projects: readonly string[]): Promise<void> {
    const running = new Map<string, Promise<void>>();
    // Those that others need come first in the list.
    for (const name of projects) {
      const before = [...this.#dependenciesOf(name)].flatMap((other) => running.get(other) ?? []);
      running.set(
        name,
        Promise.all(before).then(() => buildOne(name, this.#graph, this.#context, this.#say)),
      );
    }
    await Promise.all(running.values());
  }

  outputs(): Map<string, string[]> {
    return new Map(
      this.#built.map((name) => {
        const { outputs = [] } = this.#targetOf(name)!;
        const folders = outputs.filter((output) => !output.startsWith('!') && !output.includes('*'));
        return [name, folders.flatMap((output) => this.#placeOf(output, name))];
      }),
    );
  }

  async refresh(files: readonly string[]): Promise<boolean> {
    if (!files.some((file) => this.#mayChangeGraph(file))) return false;
    const graph = await createProjectGraphAsync({ exitOnError: false }).catch(() => undefined);
    if (graph === undefined) return false;
    const before = this.folders().join('\n');
    this.#graph = graph;
    this.#names = this.#namesIn(graph);
    this.#ignored = ignoredIn(this.root);
    return this.folders().join('\n') !== before;
  }

  /**
   * The options of the target of a project that an executor works for.
   *
   * @param environment that the target is for. @default - it is for all of them
   */
  optionsOf(name: string, executor: string, environment?: string): object {
    const { targets = {} } = this.#graph.nodes[name]?.data ?? {};
    const options = Object.values(targets)
      .filter((target) => target.executor === executor)
      .map((target) => (target.options ?? {}) as { readonly environment?: string });
    return options.find((one) => one.environment === environment) ?? {};
  }

  /** What Nx builds before the app runs. */
  get #built(): string[] {
    return this.#names.filter((name) => this.#targetOf(name) !== undefined);
  }

  #targetOf(name: string): TargetConfiguration | undefined {
    return this.#graph.nodes[name]?.data.targets?.[BUILD];
  }

  #folderOf(name: string): string {
    return resolve(this.root, this.#graph.nodes[name]!.data.root);
  }

  #placeOf(output: string, name: string): string[] {
    const { root } = this.#graph.nodes[name]!.data;
    const options = (this.#targetOf(name)?.options ?? {}) as Record<string, unknown>;
    const filled = output
      .replaceAll('{workspaceRoot}', '.')
      .replaceAll('{projectRoot}', root)
      .replaceAll('{projectName}', name)
      .replaceAll(/\{options\.(\w+)\}/g, (whole, option: string) => String(options[option] ?? whole));
    return filled.includes('{') ? [] : [resolve(this.root, filled)];
  }

  /** The project whose folder a file is in, the innermost. */
  #ownerOf(file: string): string | undefined {
    const owners = this.#names.filter((name) => isIn(this.#folderOf(name), file));
    return owners.toSorted((one, other) => this.#folderOf(other).length - this.#folderOf(one).length)[0];
  }

  #dependenciesOf(name: string): Set<string> {
    return new Set(closure(this.#graph, name).slice(0, -1));
  }

  #namesIn(graph: ProjectGraph): string[] {
    return closure(graph, this.#context.projectName ?? '');
  }

  /** Whether the graph may be another one since an edit: an import was added, or a project's own file was edited. */
  #mayChangeGraph(file: string): boolean {
    if (OF_PROJECTS.test(basename(file))) return true;
    const imports = existsSync(file) ? importsOf(file) : '';
    if (imports === undefined || this.#imports.get(file) === imports) return false;
    this.#imports.set(file, imports);
    return true;
  }
}

/** A project and all that it depends on, itself last. */
function closure(graph: ProjectGraph, name: string, seen = new Set<string>()): string[] {
  if (seen.has(name) || graph.nodes[name] === undefined) return [];
  seen.add(name);
  const others = (graph.dependencies[name] ?? []).flatMap(({ target }) => closure(graph, target, seen));
  return [...others, name];
}

/** What git and Nx leave out, by the files at the root of the workspace, as Nx reads them. */
function ignoredIn(root: string): Ignore {
  const ignored = ignore();
  for (const name of ['.gitignore', '.nxignore']) {
    const file = join(root, name);
    if (existsSync(file)) ignored.add(readFileSync(file, 'utf8'));
  }
  return ignored;
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
