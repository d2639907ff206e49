import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { targetName } from '@libs/environments';
import type { ConnectedAwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { BootstrapTarget } from './request.ts';

/** Administrator access to one target. */
export interface AdminAccess {
  readonly credentials: AwsCredentialIdentityProvider;
  readonly cloudFormation: CloudFormationClient;
}

/** Finds administrator access to targets; one session a role or profile, however many regions. */
export class AdminAccesses {
  readonly #aws: ConnectedAwsClients;
  readonly #listener: Listener;
  readonly #profiles = new Map<string, Promise<ConnectedAwsClients>>();
  readonly #accounts = new Map<string, Promise<string>>();

  constructor(aws: ConnectedAwsClients, listener: Listener) {
    this.#aws = aws;
    this.#listener = listener;
  }

  /**
   * @throws Failure `AdminRoleDenied` naming the role, `WrongProfile` if a profile is for another account,
   * `ProfileUnusable`
   */
  async open(target: BootstrapTarget): Promise<AdminAccess> {
    const { account, region, access } = target;
    const place = { account, region };
    if (access.profile !== undefined) {
      const aws = await this.#profile(access.profile);
      await this.#requireAccount(access.profile, aws, target);
      return { credentials: aws.callerCredentials, cloudFormation: await aws.cloudFormation(place) };
    }
    if (!access.roleIsChosen && (await this.#callersAccount(region)) === account) {
      return { credentials: this.#aws.callerCredentials, cloudFormation: await this.#aws.cloudFormation(place) };
    }
    const session = { ...place, role: { arn: access.roleArn } };
    const credentials = this.#aws.credentials(session);
    await credentials().catch(async (error: unknown) => {
      throw error instanceof Failure && error.code === 'AssumeRoleDenied' ? await this.#denied(target, error) : error;
    });
    return { credentials, cloudFormation: await this.#aws.cloudFormation(session) };
  }

  /**
   * Asks who the caller is, if every target is entered as the caller: what is wrong with the credentials or the
   * endpoint is one sentence then, not one for each target.
   *
   * @throws Failure such as `Credentials`, `Unreachable`
   */
  async requireCaller(targets: readonly BootstrapTarget[]): Promise<void> {
    if (targets.some(({ access }) => access.profile !== undefined)) return;
    const [first] = targets;
    if (first !== undefined) await this.#callersAccount(first.region);
  }

  /** Closes the connections that were made for profiles. */
  destroy(): void {
    for (const opened of this.#profiles.values()) opened.then((aws) => aws.destroy()).catch(() => undefined);
  }

  #profile(profile: string): Promise<ConnectedAwsClients> {
    const existing = this.#profiles.get(profile);
    if (existing !== undefined) return existing;
    const opened = (async () => {
      const [{ createAws }, { fromIni }, { NodeHttpHandler }] = await Promise.all([
        import('../aws/index.ts'),
        import('@aws-sdk/credential-providers'),
        import('@smithy/node-http-handler'),
      ]);
      // A profile may assume a role or sign in itself: that goes through the same certificate and proxy as everything
      // else.
      const requestHandler = new NodeHttpHandler({ httpsAgent: this.#aws.agent });
      const credentials = fromIni({ profile, clientConfig: { requestHandler } });
      return createAws({ listener: this.#listener, credentials: () => credentials() });
    })();
    this.#profiles.set(profile, opened);
    return opened;
  }

  /** A profile for another account would bootstrap, or find bootstrapped, the wrong one. */
  async #requireAccount(profile: string, aws: ConnectedAwsClients, target: BootstrapTarget): Promise<void> {
    const account = await this.#once(`profile ${profile}`, () => accountOf(aws, target.region)).catch(
      (cause: unknown) => {
        const parts = {
          what: `The profile ${profile} ("adminProfile" of ${targetName(target)}) cannot be used: ${withoutStop(cause)}`,
          next: `correct it in ~/.aws/config, or sign in (aws sso login --profile ${profile})`,
        };
        throw new Failure('ProfileUnusable', parts, { cause });
      },
    );
    if (account === target.account) return;
    throw new Failure('WrongProfile', {
      what: `The profile ${profile} is for account ${account}, but it is the "adminProfile" of ${targetName(target)}`,
      next: `name a profile of ${target.account}`,
    });
  }

  #callersAccount(region: string): Promise<string> {
    return this.#once('caller', () => accountOf(this.#aws, region));
  }

  /** Shared as a promise: a hundred targets ask at the same moment. */
  #once(key: string, ask: () => Promise<string>): Promise<string> {
    const known = this.#accounts.get(key) ?? ask();
    this.#accounts.set(key, known);
    return known;
  }

  async #denied(target: BootstrapTarget, cause: Failure): Promise<Failure> {
    const { access } = target;
    const caller = await this.#aws.caller().then(
      ({ arn }) => arn,
      () => 'The caller',
    );
    const next = access.roleIsChosen
      ? 'let it trust the caller, or name another one as "adminRole" or a profile as "adminProfile" of this target'
      : 'name a role that exists there and trusts the caller as "adminRole" of this target, or a profile as "adminProfile"';
    const what = `${caller} may not assume ${access.roleArn} to bootstrap ${targetName(target)}`;
    return new Failure('AdminRoleDenied', { what, next }, { cause });
  }
}

/** The account of a session. Any region can answer, if neither environment variables nor the profile name one. */
async function accountOf(aws: ConnectedAwsClients, region: string): Promise<string> {
  try {
    return (await aws.caller()).account;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'NoRegion') throw error;
  }
  const [{ STSClient, GetCallerIdentityCommand }, { NodeHttpHandler }] = await Promise.all([
    import('@aws-sdk/client-sts'),
    import('@smithy/node-http-handler'),
  ]);
  const requestHandler = new NodeHttpHandler({ httpsAgent: aws.agent });
  const answer = await new STSClient({ region, credentials: aws.callerCredentials, requestHandler }).send(
    new GetCallerIdentityCommand({}),
  );
  return answer.Account ?? '';
}

function withoutStop(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replace(/\.$/, '');
}
