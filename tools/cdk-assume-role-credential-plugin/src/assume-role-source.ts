import type { CredentialProviderSource, SDKv3CompatibleCredentials } from '@aws-cdk/cli-plugin-contract';
import { readCommandLine } from './command-line.ts';
import { explainRefusal } from './refusal.ts';
import { type Purpose, readContext, roleName } from './role-names.ts';
import { type AssumeRole, assumeRoleAs } from './role-session.ts';

/** What tests replace. */
export interface Surroundings {
  /** @default process.argv */
  readonly argv?: readonly string[];
  /** Folder of the app. @default - the working directory at the time of the first question, as in the CDK CLI */
  readonly folder?: string;
  /** @default - asks STS as the caller */
  readonly assumeRole?: AssumeRole;
  /** Takes one line for people. @default - standard error, as in the CDK CLI */
  readonly warn?: (line: string) => void;
}

type Provider = () => Promise<SDKv3CompatibleCredentials>;

/** Credentials in other accounts for the CDK: of a role for reading and one for writing, with the same name in all. */
export class AssumeRoleSource implements CredentialProviderSource {
  readonly name = 'cdk-assume-role-credential-plugin';
  readonly #surroundings: Surroundings;
  readonly #providers = new Map<string, Promise<Provider>>();
  readonly #refused = new Set<string>();
  #context: Record<string, unknown> | undefined;
  #assume: AssumeRole | undefined;

  constructor(surroundings: Surroundings = {}) {
    this.#surroundings = surroundings;
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  /**
   * Whether every role can be assumed that the command may ask for; the only way to know is to assume it.
   *
   * If the plugin claims an account, the CDK assumes even the bootstrap roles with the plugin's credentials, and goes
   * on with those if that fails. So an account is left to the caller's own credentials unless the plugin has all that
   * the command needs: one that writes needs the role for writing too, and without it deploys through the bootstrap
   * roles, as if there were no plugin. For the same reason the caller's own credentials are never handed out as those
   * of another account: the CDK would deploy to the caller's account instead.
   */
  async canProvideCredentials(account: string): Promise<boolean> {
    const { writes } = readCommandLine(this.#argv);
    // The CDK does not say what for; a command that only looks does not even try a role that may change things.
    if (writes && !(await this.#isAssumable(account, 'write'))) return false;
    return this.#isAssumable(account, 'read');
  }

  /** @throws Error in one sentence if the role cannot be assumed */
  readonly getProvider: CredentialProviderSource['getProvider'] = async (account, mode, options) => {
    const purpose: Purpose = mode === 0 ? 'read' : 'write';
    const provider = () => this.#session(account, purpose);
    const session = await provider();
    // An older CLI takes no providers, but asks again before a session with an expiration ends.
    return options?.supportsV3Providers === true ? provider : session;
  };

  async #isAssumable(account: string, purpose: Purpose): Promise<boolean> {
    try {
      await this.#session(account, purpose);
      return true;
    } catch (error) {
      // To have no role for writing is usual, and no trouble: the bootstrap roles deploy.
      if (purpose === 'read') this.#warnOnce(account, error as Error);
      return false;
    }
  }

  /** One session for each role, renewed by the SDK five minutes before its end; a refusal is not kept. */
  async #session(account: string, purpose: Purpose): Promise<SDKv3CompatibleCredentials> {
    const key = `${account}/${purpose}`;
    const provider = this.#providers.get(key) ?? this.#providerOf(account, purpose);
    this.#providers.set(key, provider);
    return (await provider)();
  }

  async #providerOf(account: string, purpose: Purpose): Promise<Provider> {
    const sdk = await import('@smithy/core');
    const provider = () => this.#newSession(account, purpose);
    return sdk.memoizeIdentityProvider(provider, sdk.isIdentityExpired, sdk.doesIdentityRequireRefresh)!;
  }

  async #newSession(account: string, purpose: Purpose): Promise<SDKv3CompatibleCredentials> {
    const commandLine = readCommandLine(this.#argv);
    this.#context ??= readContext(this.#surroundings.folder ?? process.cwd(), commandLine.context);
    this.#assume ??= this.#surroundings.assumeRole ?? assumeRoleAs({ profile: commandLine.profile });
    const role = { account, purpose, name: roleName(this.#context, purpose, account) };
    try {
      return await this.#assume(role);
    } catch (cause) {
      throw new Error(explainRefusal(cause, role), { cause });
    }
  }

  #warnOnce(account: string, { message }: Error): void {
    if (this.#refused.has(account)) return;
    this.#refused.add(account);
    const warn = this.#surroundings.warn ?? ((line: string) => void process.stderr.write(`${line}\n`));
    warn(`${this.name}: ${message}`);
  }

  get #argv(): readonly string[] {
    return this.#surroundings.argv ?? process.argv;
  }
}
