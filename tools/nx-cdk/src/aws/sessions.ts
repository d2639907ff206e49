import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { roleSessionName } from '@nx-cdk/environments';
import { Failure, roleOf } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import type { WantedRole } from './admission.ts';
import type { Session } from './contract.ts';
import { explain, isAccessDenied } from './explain.ts';

/** What sessions need to know of the caller. */
export interface SessionSource {
  /** An STS client with the caller's own credentials. */
  sts(region: string): Promise<STSClient>;
  /** ARN of the caller, for error messages. */
  callerArn(): Promise<string>;
}

type RoleSession = Session & Required<Pick<Session, 'role'>>;

/**
 * Assumes each role once, and again five minutes before the credentials expire. A refusal is not kept: trust may be
 * granted while the process runs.
 */
export function assumedRoles(source: SessionSource): (session: RoleSession) => AwsCredentialIdentityProvider {
  const providers = new Map<string, Promise<AwsCredentialIdentityProvider>>();
  const create = async (session: RoleSession) => {
    const sdk = await import('@smithy/core');
    const provider = () => assume(session, source);
    return sdk.memoizeIdentityProvider(provider, sdk.isIdentityExpired, sdk.doesIdentityRequireRefresh)!;
  };
  return (session) => {
    const { arn, externalId, options } = session.role;
    const key = JSON.stringify([arn, externalId, options]);
    return async () => {
      const provider = providers.get(key) ?? create(session);
      providers.set(key, provider);
      return (await provider)();
    };
  };
}

async function assume(session: RoleSession, source: SessionSource): Promise<AwsCredentialIdentity> {
  const { arn, externalId, options } = session.role;
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const sts = await source.sts(session.region);
  const RoleSessionName = roleSessionName('nx-cdk');
  const input = { RoleSessionName, ...withTransitiveTags(options), RoleArn: arn, ExternalId: externalId };
  try {
    const { Credentials } = await sts.send(new AssumeRoleCommand(input));
    const { AccessKeyId, SecretAccessKey, SessionToken: sessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      const what = `sts:AssumeRole of ${arn} answered without credentials`;
      throw new Failure('AssumeRole', { what, next: 'try again' });
    }
    // No log will show them, even if a library ever quotes them.
    registerSecret(SecretAccessKey);
    if (sessionToken !== undefined) registerSecret(sessionToken);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(sessionToken && { sessionToken }),
      ...(Expiration && { expiration: new Date(Expiration) }),
    };
  } catch (error) {
    throw await refusal(error, session, source);
  }
}

/**
 * Session tags are passed on to further roles unless the app says which are, as its docs promise
 * (`deployRoleAdditionalOptions` of `DefaultStackSynthesizer`).
 */
function withTransitiveTags(options: WantedRole['options']): Record<string, unknown> {
  const { Tags: tags } = (options ?? {}) as { Tags?: readonly { readonly Key?: string }[] };
  return { ...(Array.isArray(tags) && { TransitiveTagKeys: tags.map(({ Key }) => Key) }), ...options };
}

async function refusal(error: unknown, { account, region, role }: RoleSession, source: SessionSource) {
  if (!isAccessDenied(error) && (error as { name?: string }).name !== 'NoSuchEntity') return explain(error);
  const caller = await source.callerArn().catch(() => 'the caller');
  if (role.kind === 'hotswap' || role.kind === 'garbage') return requiredRoleRefusal(error, role.arn, caller);
  const next =
    `either ${account}/${region} is not bootstrapped with trust for the caller's account (nx bootstrap), ` +
    `or the caller's own policy does not allow it` +
    // STS does not say which condition of a trust policy did not hold.
    (role.externalId === undefined ? '' : ', or the trust of the role asks for another external ID than the app gives');
  return new Failure(
    'AssumeRoleDenied',
    { what: `${caller} may not sts:AssumeRole ${role.arn}`, next },
    { cause: error, denied: { action: 'sts:AssumeRole', resource: role.arn, role: roleOf(caller) } },
  );
}

/** The roles of hotswaps and of garbage collection are no part of a bootstrap. */
function requiredRoleRefusal(cause: unknown, resource: string, caller: string): Failure {
  const what = `${caller} may not sts:AssumeRole ${resource}`;
  const next =
    "either the app with the role is not deployed (nx deploy required-resources), or the caller's own policy does not allow it";
  const denied = { action: 'sts:AssumeRole', resource, role: roleOf(caller) };
  return new Failure('AssumeRoleDenied', { what, next }, { cause, denied });
}
