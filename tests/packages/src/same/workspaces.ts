import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT, type ProcessResult, type ScratchWorkspace } from 'test-bed';
import type { Guest, Variables } from '../guest.ts';

/** A workspace that an app is shipped from. */
export interface Workspace {
  /** Absolute, without symbolic links. */
  readonly root: string;
  write(file: string, content: string): Promise<void>;
  /** Runs `nx TARGET PROJECT`. @throws UnexpectedExit if it fails */
  nx(target: string, project: string, variables: Variables): Promise<ProcessResult>;
  /** The same, which has to fail, with exit code 1 and no stack trace. @throws UnexpectedExit if it does otherwise */
  refused(target: string, project: string, variables: Variables): Promise<ProcessResult>;
}

/** A copy of this repository, with the sources of the packages. */
export function ours(workspace: ScratchWorkspace): Workspace {
  return {
    root: workspace.root,
    write: (file, content) => workspace.write(file, content),
    nx: (target, project, variables) => workspace.nx([target, project], variables),
    refused: (target, project, variables) => workspace.refusedNx([target, project], variables),
  };
}

/** Somebody else's workspace, with the packages as they are installed. */
export function theirs(guest: Guest): Workspace {
  const line = (target: string, project: string) => `${target} ${project}${target === 'deploy' ? ' --yes' : ''}`;
  return {
    root: guest.root,
    write: (file, content) => guest.write(file, content),
    nx: (target, project, variables) => guest.nx(line(target, project), variables),
    refused: (target, project, variables) => guest.refused(line(target, project), variables),
  };
}

/** Whether the plugin that a workspace uses is built, and not its sources. */
export function isInstalled({ root }: Workspace): boolean {
  const file = (name: string) => existsSync(join(root, 'node_modules', 'nx-cdk', 'src', name));
  return file('plugin.js') && !file('plugin.ts');
}

/**
 * What is installed in the version that this checkout has: Nx, which prints a good deal, and what a release names
 * besides the app and Node. With other versions, another release is what has to come out. `@nx/devkit` is left out:
 * only generators need it.
 */
const TOOLS = ['nx', 'aws-cdk-lib', '@aws-cdk/cloud-assembly-schema', 'constructs', '@aws-cdk/toolkit-lib'];

/** Makes a workspace with our packages from the registry. */
export async function installPackages(guest: Guest): Promise<void> {
  const tools = TOOLS.map(async (name) => {
    const manifest = await readFile(join(CHECKOUT, 'node_modules', name, 'package.json'), 'utf8');
    return [name, (JSON.parse(manifest) as { version: string }).version] as const;
  });
  const packages = ['nx-cdk', '@nx-cdk/constructs', '@nx-cdk/environments'].map((name) => [name, '*'] as const);
  await guest.write('package.json', {
    name: 'acme',
    private: true,
    workspaces: ['apps/*'],
    devDependencies: Object.fromEntries([...(await Promise.all(tools)), ...packages]),
  });
  await guest.write('nx.json', { analytics: false, plugins: ['nx-cdk/plugin'] });
  await guest.write('.gitignore', 'node_modules\n.nx\ncdk.out\n');
  await guest.shell('npm install --ignore-scripts');
  await guest.commit();
}
