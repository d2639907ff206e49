import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ENVIRONMENTS_FILE, type Environments, readEnvironments } from '@libs/environments';
import { Failure } from '../failure/index.ts';
import type { CliOption } from './commands.ts';

/** The options by which a command says which deploy group it is about. */
export const GROUP_OPTIONS: readonly CliOption[] = [
  {
    name: 'environment',
    value: 'NAME',
    description: 'The environment, as environments.json calls it.',
    required: true,
  },
  {
    name: 'group',
    value: 'NAME',
    description: 'The deploy group, such as 222222222222-us-east-1. An environment with a single group needs none.',
  },
  {
    name: 'environmentsFile',
    value: 'FILE',
    description: 'The environments file, relative to the workspace root. Default: environments.json.',
  },
];

/**
 * The Nx workspace that a folder is in: the nearest folder with an `nx.json`.
 *
 * @throws Failure `NoWorkspace` if there is none
 */
export function workspaceRootOf(folder: string): string {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, 'nx.json'))) return candidate;
    if (dirname(candidate) === candidate) {
      const what = `${folder} is in no Nx workspace`;
      throw new Failure('NoWorkspace', { what, next: 'change to one, which is where nx.json is' });
    }
  }
}

/** The environments that a command is about. */
export function environmentsOf(workspaceRoot: string, file: string = ENVIRONMENTS_FILE): Environments {
  return readEnvironments(resolve(workspaceRoot, file));
}
