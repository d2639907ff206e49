import type {
  CredentialProviderSource,
  ForReading,
  ForWriting,
  PluginProviderOptions,
  PluginProviderResult,
  SDKv3CompatibleCredentials,
} from '@aws-cdk/cli-plugin-contract';
import { readCommandLine } from './command-line.ts';
import { explainRefusal } from './refusal.ts';
import { type Purpose, readContext, roleName } from './role-names.ts';
import { type AssumeRole, assumeRoleAs } from './role-session.ts';

/** How long before its end a session is renewed, in milliseconds: longer than any single request takes. */
const RENEW_BEFORE = 5 * 60_000;

/** What the source takes from its surroundings. */
export interface Surroundings {
  /** @default process.argv */
  readonly argv?: readonly string[];
  /** Folder of the app. @default - the working directory at the time of the first question, as with the CDK CLI */
  readonly folder?: string;
  /** @default - asks STS as the caller */
  readonly assumeRole?: AssumeRole;
  /** Takes one line for people. @default - standard error, where the CDK CLI speaks too */
  readonly warn?: (line: string) => void;
}

/**
 * Gives the CDK credentials in other accounts: sessions of a role for reading, and of one for writing, that every
 * account has under the same name.
 */
export class AssumeRoleSource implements CredentialProviderSource {
  readonly name = 'cdk-assume-role-credential-plugin';
  readonly #surroundings: Surroundings;
  readonly #sessions = new Map<string, Promise<SDKv3CompatibleCredentials>>();
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
   * An account that is claimed here is lost to the CDK's other ways: it assumes even the bootstrap roles with what the
   * plugin gives it, and goes on with it if that fails. So an account is left to the caller's own credentials unless
   * the plugin has what the command needs: one that writes needs the role for writing too, and without it deploys
   * through the bootstrap roles, as if there were no plugin. For the same reason the caller's own credentials are never
   * handed out as those of another account: the CDK would take the caller's account for it.
   */
  async canProvideCredentials(account: string): Promise<boolean> {
    const { writes } = readCommandLine(this.#argv);
    // In the account's own way of asking, nobody says what for; a role that may change things is not even tried by a
    // command that only looks.
    if (writes && !(await this.#isAssumable(account, 'write'))) return false;
    return this.#isAssumable(account, 'read');
  }

  /** @throws Error in one sentence if the role cannot be assumed */
  async getProvider(
    account: string,
    mode: ForReading | ForWriting,
    options?: PluginProviderOptions,
  ): Promise<PluginProviderResult> {
    const purpose: Purpose = mode === 0 ? 'read' : 'write';
    const provider = () => this.#session(account, purpose);
    const session = await provider();
    // An older CLI takes no providers, but asks again before a session with an expiration ends.
    return options?.supportsV3Providers === true ? provider : session;
  }

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

  /**
   * Who asks while a session is being made gets the same promise; a refusal is not kept, since trust may be granted and
   * networks come back.
   */
  async #session(account: string, purpose: Purpose): Promise<SDKv3CompatibleCredentials> {
    const key = `${account}/${purpose}`;
    const running = this.#sessions.get(key);
    if (running !== undefined) {
      const session = await running;
      if (isFresh(session)) return session;
      // Somebody else may have begun to renew it meanwhile.
      if (this.#sessions.get(key) !== running) return this.#session(account, purpose);
    }
    const next = this.#newSession(account, purpose);
    this.#sessions.set(key, next);
    next.catch(() => this.#sessions.delete(key));
    return next;
  }

  async #newSession(account: string, purpose: Purpose): Promise<SDKv3CompatibleCredentials> {
    const commandLine = readCommandLine(this.#argv);
    this.#context ??= readContext(this.#surroundings.folder ?? process.cwd(), commandLine.context);
    this.#assume ??= this.#surroundings.assumeRole ?? assumeRoleAs({ profile: commandLine.profile });
    const name = roleName(this.#context, purpose, account);
    try {
      return await this.#assume({ account, name, purpose });
    } catch (cause) {
      throw new Error(explainRefusal(cause, { account, name, purpose }), { cause });
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

function isFresh({ expiration }: SDKv3CompatibleCredentials): boolean {
  return expiration === undefined || expiration.getTime() - Date.now() > RENEW_BEFORE;
}
