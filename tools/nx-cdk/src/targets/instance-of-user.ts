import { git, isCI } from '@nx-cdk/processes';
import { isInstanceName } from '@nx-cdk/environments';

/**
 * The instance of whoever works here: the name in git, else the first part of the e-mail address, made fit for a name.
 * `Ada Lovelace` becomes `ada-lovelace`. In a CI nobody works.
 *
 * @returns undefined if git knows neither, or nothing of it is left
 */
export async function instanceOfUser(
  workspaceRoot: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (isCI(environment)) return undefined;
  for (const key of ['user.name', 'user.email']) {
    const { code, stdout } = await git(workspaceRoot, ['config', '--get', key], environment);
    const name = code === 0 ? fitForName(key === 'user.email' ? stdout.split('@')[0]! : stdout) : '';
    if (isInstanceName(name)) return name;
  }
  return undefined;
}

/** Marks above and below letters are left out, what is neither letter nor digit becomes a dash. */
function fitForName(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 20)
    .replaceAll(/^-|-$/g, '');
}
