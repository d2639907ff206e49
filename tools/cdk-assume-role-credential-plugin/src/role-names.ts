import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a role is for. */
export type Purpose = 'read' | 'write';

/** Context keys that name the roles, and their default names. */
const ROLES: Readonly<Record<Purpose, { readonly key: string; readonly name: string }>> = {
  read: { key: 'assume-role-credentials:readIamRoleName', name: 'cdk-readOnlyRole' },
  write: { key: 'assume-role-credentials:writeIamRoleName', name: 'cdk-writeRole' },
};

/** The context key that names the role for a purpose. */
export function contextKeyOf(purpose: Purpose): string {
  return ROLES[purpose].key;
}

/** Name of the role for a purpose in an account; `{ACCOUNT_ID}` in a name stands for the account. */
export function roleName(context: Readonly<Record<string, unknown>>, purpose: Purpose, account: string): string {
  const { key, name } = ROLES[purpose];
  const given = context[key];
  return (typeof given === 'string' && given !== '' ? given : name).replaceAll('{ACCOUNT_ID}', account);
}

/**
 * The context of an app in the order in which the CDK CLI reads it: what the command line gives, `cdk.json`,
 * `cdk.context.json`, and the user's `~/.cdk.json`.
 *
 * @param folder of the app: the CLI's working directory
 */
export function readContext(
  folder: string,
  given: Readonly<Record<string, unknown>>,
  home: string = homedir(),
): Record<string, unknown> {
  return {
    ...contextIn(readJson(join(home, '.cdk.json'))),
    ...readJson(join(folder, 'cdk.context.json')),
    ...contextIn(readJson(join(folder, 'cdk.json'))),
    ...given,
  };
}

function contextIn({ context }: Record<string, unknown>): Record<string, unknown> {
  return typeof context === 'object' && context !== null ? (context as Record<string, unknown>) : {};
}

/** Empty if the file is no JSON: the CLI itself complains about that, before it asks for credentials. */
function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
