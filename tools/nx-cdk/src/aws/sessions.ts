import { userInfo } from 'node:os';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { Failure, roleOf } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import type { Session } from './contract.ts';
import { explain, isAccessDenied } from './explain.ts';

/** How long before its end a session is renewed, in milliseconds: longer than any single request takes. */
const RENEW_BEFORE = 5 * 60_000;

/** What sessions need to know of the rest of the room. */
export interface SessionSource {
  /** An STS client that speaks with the caller's own credentials. */
  sts(region: string): Promise<STSClient>;
  /** ARN of the caller, for error messages. */
  callerArn(): Promise<string>;
}

/** A session that has a role to assume. */
type RoleSession = Session & Required<Pick<Session, 'role'>>;

/**
 * Assumes roles, each once: all who ask while a role is being assumed get the same promise, and all who ask later get
 * the same credentials until they are about to expire.
 */
export class Sessions {
  readonly #source: SessionSource;
  readonly #sessions = new Map<string, Promise<AwsCredentialIdentity>>();

  constructor(source: SessionSource) {
    this.#source = source;
  }

  /** Credentials of a session's role, renewed when they are about to expire. */
  provider(session: RoleSession): AwsCredentialIdentityProvider {
    const key = JSON.stringify([session.role.arn, session.role.externalId, session.role.options]);
    return async () => {
      const running = this.#sessions.get(key);
      if (running !== undefined) {
        const credentials = await running;
        if (isFresh(credentials)) return credentials;
        // Another caller may have begun to renew it while this one waited.
        if (this.#sessions.get(key) !== running) return this.provider(session)();
      }
      const next = this.#assume(session);
      this.#sessions.set(key, next);
      // A refusal is not remembered: trust may be granted while the process runs, and a lost connection is no refusal.
      next.catch(() => this.#sessions.delete(key));
      return next;
    };
  }

  async #assume(session: RoleSession): Promise<AwsCredentialIdentity> {
    const { arn, externalId, options } = session.role;
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const sts = await this.#source.sts(session.region);
    try {
      const answer = await sts.send(
        new AssumeRoleCommand({
          RoleSessionName: sessionName(),
          ...options,
          RoleArn: arn,
          ExternalId: externalId,
        }),
      );
      const credentials = answer.Credentials;
      if (credentials?.AccessKeyId === undefined || credentials.SecretAccessKey === undefined) {
        throw new Failure('AssumeRole', {
          what: `sts:AssumeRole of ${arn} answered without credentials`,
          next: 'try again',
        });
      }
      // Last line of defence: should a library ever quote them, no log will.
      registerSecret(credentials.SecretAccessKey);
      if (credentials.SessionToken !== undefined) registerSecret(credentials.SessionToken);
      return {
        accessKeyId: credentials.AccessKeyId,
        secretAccessKey: credentials.SecretAccessKey,
        ...(credentials.SessionToken === undefined ? {} : { sessionToken: credentials.SessionToken }),
        ...(credentials.Expiration === undefined ? {} : { expiration: new Date(credentials.Expiration) }),
      };
    } catch (error) {
      throw await this.#refusal(error, session);
    }
  }

  async #refusal(error: unknown, session: RoleSession): Promise<Failure> {
    if (!isAccessDenied(error) && (error as { name?: string }).name !== 'NoSuchEntity') return explain(error);
    const caller = await this.#source.callerArn().catch(() => 'the caller');
    return new Failure(
      'AssumeRoleDenied',
      {
        what: `${caller} may not sts:AssumeRole ${session.role.arn}`,
        next:
          `either ${session.account}/${session.region} is not bootstrapped with trust for the caller's account ` +
          `(nx bootstrap), or the caller's own policy does not allow it`,
      },
      { cause: error, denied: { action: 'sts:AssumeRole', resource: session.role.arn, role: roleOf(caller) } },
    );
  }
}

function isFresh({ expiration }: AwsCredentialIdentity): boolean {
  return expiration === undefined || expiration.getTime() - Date.now() > RENEW_BEFORE;
}

/** Names the person or machine in CloudTrail; only what STS allows in a session name, at most 64 characters. */
function sessionName(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    // A container may run as a user id that has no name.
    user = 'unnamed';
  }
  return `nx-cdk-${user}`.replace(/[^\w+=,.@-]/g, '@').slice(0, 64);
}
