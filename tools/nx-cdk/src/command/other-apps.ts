import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { type AssemblyStack, readAssembly } from '../assembly/index.ts';

/** Another app of the workspace, and the stacks that its assembly holds. */
export interface OtherApp {
  readonly project: string;
  readonly stacks: readonly AssemblyStack[];
}

/**
 * The other apps of a workspace that were synthesized: an app may have handed a stack over to one of them. An assembly
 * that cannot be read is left out, and so is one that is not in `cdk.out`.
 */
export function otherApps({ root, projectName, projectsConfigurations }: ExecutorContext): OtherApp[] {
  return Object.entries(projectsConfigurations?.projects ?? {}).flatMap(([project, configuration]) => {
    const assembly = resolve(root, configuration.root, 'cdk.out');
    if (project === projectName || !existsSync(join(assembly, 'manifest.json'))) return [];
    try {
      return [{ project, stacks: readAssembly(assembly).stacks }];
    } catch {
      return [];
    }
  });
}
