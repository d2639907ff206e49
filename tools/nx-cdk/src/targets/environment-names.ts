import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names of the environments in a file, in its order. Only the names: the file is validated by whoever uses it, with
 * better words than a project graph has, and a mistake in it must not take every project of the workspace down.
 */
export function environmentNames(workspaceRoot: string, file: string | undefined): string[] {
  if (file === undefined) return [];
  try {
    const content = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8')) as {
      environments?: { name?: unknown }[];
    };
    return (content.environments ?? [])
      .map(({ name }) => name)
      .filter((name): name is string => typeof name === 'string');
  } catch {
    return [];
  }
}
