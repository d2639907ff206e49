import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CredentialProviderSource } from '@aws-cdk/cli-plugin-contract';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { type AwsClients, explain, type NamedRole, resolveTarget, type Session, sessionFor } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/**
 * Where something is looked up, and the role that the app names for it, with placeholders; absent for an app that knows
 * no lookup roles.
 */
export interface LookupPlace extends Pick<Session, 'account' | 'region'> {
  readonly role?: NamedRole;
}

/**
 * Chooses credentials for lookups in an account: the caller's own, with which the toolkit assumes the lookup role, or
 * those of a plugin if that role cannot be assumed. By itself the toolkit asks plugins first, and then tries the lookup
 * role with theirs.
 */
export class LookupCredentials implements CredentialProviderSource {
  readonly name = 'nx-cdk';
  readonly #aws: AwsClients;
  readonly #plugins: readonly CredentialProviderSource[];
  readonly #places: () => readonly LookupPlace[];
  readonly #chosen = new Map<string, CredentialProviderSource>();
  readonly #refusals = new Map<string, string>();

  /**
   * @param plugins asked in this order
   * @param places what the app asks for at the moment
   */
  constructor(aws: AwsClients, plugins: readonly CredentialProviderSource[], places: () => readonly LookupPlace[]) {
    this.#aws = aws;
    this.#plugins = plugins;
    this.#places = places;
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  async canProvideCredentials(account: string): Promise<boolean> {
    const refusal = await this.#refusalOfLookupRoles(account);
    if (refusal === undefined) return false;
    for (const plugin of this.#plugins) {
      if (!(await offers(plugin, account))) continue;
      this.#chosen.set(account, plugin);
      return true;
    }
    const noPlugin = `${refusal.replace(/\.$/, '')}, and no plugin has credentials for it.`;
    this.#refusals.set(account, this.#plugins.length === 0 ? refusal : noPlugin);
    return false;
  }

  /** @throws Failure `ReadOnly` if anything but reading is asked for */
  readonly getProvider: CredentialProviderSource['getProvider'] = async (account, mode, options) => {
    const plugin = this.#chosen.get(account);
    if (mode !== 0 || plugin === undefined) {
      const what = `Lookups in ${account} asked for credentials to write with, which they never get`;
      throw new Failure('ReadOnly', { what });
    }
    return plugin.getProvider(account, mode, options);
  };

  /** Why nothing can be looked up in an account, if somebody asked and it was refused. */
  refusalOf(account: string): string | undefined {
    return this.#refusals.get(account);
  }

  async #refusalOfLookupRoles(account: string): Promise<string | undefined> {
    const places = this.#places().filter((place) => place.account === account);
    const without = places.find(({ role }) => role === undefined);
    if (without !== undefined) return `The app names no lookup role for ${account}/${without.region}.`;
    for (const place of places) {
      try {
        const target = await resolveTarget(this.#aws, place);
        await this.#aws.credentials(sessionFor(target, 'lookup', place.role))();
      } catch (error) {
        return explain(error).message;
      }
    }
    return undefined;
  }
}

/** A plugin that fails has nothing to offer, for the toolkit as well. */
async function offers(plugin: CredentialProviderSource, account: string): Promise<boolean> {
  try {
    return (await plugin.isAvailable()) && (await plugin.canProvideCredentials(account));
  } catch {
    return false;
  }
}

/**
 * Loads CDK plugins into a toolkit (https://docs.aws.amazon.com/cdk/v2/guide/plugins.html), and takes their credentials
 * out again: {@link LookupCredentials} decides when they are asked.
 *
 * @param names packages or paths, found from `folder`; the CDK CLI finds them from where it is installed itself
 * @throws Failure `Plugin` if one cannot be found or loaded
 */
export async function loadPlugins(
  { pluginHost }: Pick<Toolkit, 'pluginHost'>,
  names: readonly string[],
  folder: string,
): Promise<CredentialProviderSource[]> {
  const { resolve } = createRequire(join(folder, 'cdk.json'));
  for (const name of names) {
    try {
      await pluginHost.load(resolve(name));
    } catch (cause) {
      const what = `The plugin ${name} that ${join(folder, 'cdk.json')} names cannot be loaded: ${reasonOf(cause)}`;
      throw new Failure('Plugin', { what, next: 'install it, or take it out of "plugin"' }, { cause });
    }
  }
  return pluginHost.credentialProviderSources.splice(0);
}

/** The innermost cause, without the list of files that Node adds to it. */
function reasonOf(error: unknown): string {
  const { cause, message = String(error) } = (error ?? {}) as { cause?: unknown; message?: string };
  return cause === undefined ? (message.split('\n')[0] ?? '').replace(/\.$/, '') : reasonOf(cause);
}
