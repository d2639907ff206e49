import type {
  CredentialProviderSource,
  ForReading,
  ForWriting,
  PluginProviderOptions,
  PluginProviderResult,
} from '@aws-cdk/cli-plugin-contract';
import { type AwsClients, type Session, resolveTarget, sessionFor } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** Where something is looked up, and the role that the app names for it. */
export interface LookupPlace {
  readonly account: string;
  readonly region: string;
  /** As it stands in the assembly, with placeholders; absent for an app that knows no lookup roles. */
  readonly role?: Session['role'];
}

/**
 * Decides whose credentials look things up in an account: the caller's own, with which the toolkit assumes the lookup
 * role, or those of a plugin if that role cannot be assumed. By itself the toolkit asks plugins first, and then
 * tries the lookup role with what they give.
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
   * @param places everything that is to be looked up at the moment
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
    this.#refusals.set(
      account,
      this.#plugins.length === 0 ? refusal : `${refusal.replace(/\.$/, '')}, and no plugin has credentials for it.`,
    );
    return false;
  }

  /** @throws Failure `ReadOnly` if anything but reading is asked for */
  async getProvider(
    account: string,
    mode: ForReading | ForWriting,
    options?: PluginProviderOptions,
  ): Promise<PluginProviderResult> {
    const plugin = this.#chosen.get(account);
    if (mode !== 0 || plugin === undefined) {
      const what = `Lookups in ${account} asked for credentials to write with, which they never get`;
      throw new Failure('ReadOnly', { what });
    }
    return plugin.getProvider(account, mode, options);
  }

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
        const environment = await resolveTarget(this.#aws, place);
        await this.#aws.credentials(sessionFor(environment, place.role))();
      } catch (error) {
        const { explain } = await import('../aws/index.ts');
        return explain(error).message;
      }
    }
    return undefined;
  }
}

/** A plugin that fails has nothing to offer; so the toolkit sees it, too. */
async function offers(plugin: CredentialProviderSource, account: string): Promise<boolean> {
  try {
    return (await plugin.isAvailable()) && (await plugin.canProvideCredentials(account));
  } catch {
    return false;
  }
}
