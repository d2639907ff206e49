import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { targetName } from '@nx-cdk/environments';
import { type AwsClients, createAws, type Session } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { BootstrapTarget } from './request.ts';

/** Administrator access to one target. */
export interface AdminAccess {
  readonly aws: AwsClients;
  readonly session: Session;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly cloudFormation: CloudFormationClient;
}

/** Opens administrator access to targets: one session for each role or profile, however many regions. */
export class AdminAccesses {
  readonly #aws: AwsClients;
  readonly #listener: Listener;
  readonly #profiles = new Map<string, Promise<AwsClients>>();

  constructor(aws: AwsClients, listener: Listener) {
    this.#aws = aws;
    this.#listener = listener;
  }

  /**
   * @throws Failure `AdminRoleDenied` naming the role, `WrongProfile` if a profile is for another account,
   * `ProfileUnusable`
   */
  async open(target: BootstrapTarget): Promise<AdminAccess> {
    const { account, region, access } = target;
    if (access.profile !== undefined) {
      const aws = await this.#profile(access.profile);
      await requireAccount(access.profile, aws, target);
      return accessOf(aws, { account, region });
    }
    if (!access.roleIsChosen && (await this.#aws.caller(region)).account === account) {
      return accessOf(this.#aws, { account, region });
    }
    const session = { account, region, role: { kind: 'admin', region, arn: access.roleArn } } as const;
    await this.#aws
      .credentials(session)()
      .catch(async (error: unknown) => {
        throw error instanceof Failure && error.code === 'AssumeRoleDenied' ? await this.#denied(target, error) : error;
      });
    return accessOf(this.#aws, session);
  }

  /**
   * Asks who the caller is, if every target is entered as the caller: wrong credentials or a wrong endpoint are one
   * failure then, not one for each target.
   *
   * @throws Failure such as `Credentials`, `Unreachable`
   */
  async requireCaller(targets: readonly BootstrapTarget[]): Promise<void> {
    if (targets.some(({ access }) => access.profile !== undefined)) return;
    const [first] = targets;
    if (first !== undefined) await this.#aws.caller(first.region);
  }

  /** Closes the connections that were made for profiles. */
  destroy(): void {
    for (const opened of this.#profiles.values()) opened.then((aws) => aws.destroy()).catch(() => undefined);
  }

  #profile(profile: string): Promise<AwsClients> {
    const opened = this.#profiles.get(profile) ?? openProfile(profile, this.#aws, this.#listener);
    this.#profiles.set(profile, opened);
    return opened;
  }

  async #denied(target: BootstrapTarget, cause: Failure): Promise<Failure> {
    const { roleIsChosen, roleArn } = target.access;
    const caller = await this.#aws.caller(target.region).then(
      ({ arn }) => arn,
      () => 'The caller',
    );
    const next = roleIsChosen
      ? 'let it trust the caller, or name another one as "adminRole" or a profile as "adminProfile" of this target'
      : 'name a role that exists there and trusts the caller as "adminRole" of this target, or a profile as "adminProfile"';
    const what = `${caller} may not assume ${roleArn} to bootstrap ${targetName(target)}`;
    return new Failure('AdminRoleDenied', { what, next }, { cause });
  }
}

async function accessOf(aws: AwsClients, session: Session): Promise<AdminAccess> {
  return { aws, session, credentials: aws.credentials(session), cloudFormation: await aws.cloudFormation(session) };
}

async function openProfile(profile: string, { agents }: AwsClients, listener: Listener): Promise<AwsClients> {
  const [{ fromIni }, { NodeHttpHandler }] = await Promise.all([
    import('@aws-sdk/credential-providers'),
    import('@smithy/node-http-handler'),
  ]);
  // A profile may assume a role or sign in itself, with the same certificate authorities and proxy as all else.
  const requestHandler = new NodeHttpHandler({ httpsAgent: agents.https });
  const credentials = fromIni({ profile, clientConfig: { requestHandler } });
  return createAws({ listener, credentials: () => credentials() });
}

/** A profile for another account would bootstrap, or find bootstrapped, the wrong one. */
async function requireAccount(profile: string, aws: AwsClients, target: BootstrapTarget): Promise<void> {
  const { account } = await aws.caller(target.region).catch((cause: unknown) => {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/, '');
    const what = `The profile ${profile} ("adminProfile" of ${targetName(target)}) cannot be used: ${reason}`;
    const next = `correct it in ~/.aws/config, or sign in (aws sso login --profile ${profile})`;
    throw new Failure('ProfileUnusable', { what, next }, { cause });
  });
  if (account === target.account) return;
  throw new Failure('WrongProfile', {
    what: `The profile ${profile} is for account ${account}, but it is the "adminProfile" of ${targetName(target)}`,
    next: `name a profile of ${target.account}`,
  });
}
