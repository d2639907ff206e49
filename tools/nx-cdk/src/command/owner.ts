import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StackOwner, stackOwner } from '../cloudformation/index.ts';

/**
 * The owner of a project's stacks: the project, in the workspace whose `package.json` names it. Undefined without such
 * a name, since every workspace may have a project `infra`: then nobody is known to own a stack.
 */
export function ownerOf(workspaceRoot: string, project: string): StackOwner | undefined {
  const name = nameOf(join(workspaceRoot, 'package.json'));
  return name === undefined || project === '' ? undefined : stackOwner(name, project);
}

function nameOf(file: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { readonly name?: unknown };
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    // A workspace of other languages need not have one.
    return undefined;
  }
}
