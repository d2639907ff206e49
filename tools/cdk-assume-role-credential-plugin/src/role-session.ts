import { userInfo } from 'node:os';
import type { SDKv3CompatibleCredentials } from '@aws-cdk/cli-plugin-contract';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Purpose } from './role-names.ts';

/** Who assumes roles, and in which region. */
export interface Caller {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Profile of the caller; without one the standard chain of the SDK finds the credentials. */
  readonly profile?: string;
}

/** Assumes a role, by name in an account. */
export type AssumeRole = (role: {
  readonly account: string;
  readonly name: string;
  readonly purpose: Purpose;
}) => Promise<SDKv3CompatibleCredentials>;

/**
 * Prefixes of the regions outside the commercial partition
 * (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
 */
const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

/** ARN of a role. Credentials are good in one partition only, so it is the one of the caller's region. */
export function roleArn(region: string, account: string, name: string): string {
  const partition = PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
  return `arn:${partition}:iam::${account}:role/${name}`;
}

/**
 * The region whose STS is asked: the caller's. `AWS_DEFAULT_REGION` is no variable of this SDK, but one of the CDK and
 * the AWS CLI.
 */
export async function callerRegion({ environment = process.env, profile }: Caller): Promise<string> {
  const named = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (named) return named;
  const { STSClient } = await import('@aws-sdk/client-sts');
  const region = new STSClient(profile === undefined ? {} : { profile }).config.region as () => Promise<string>;
  return region().catch(() => 'us-east-1');
}

/** Makes the function that assumes roles; its client is made when it is first asked. */
export function assumeRoleAs(caller: Caller): AssumeRole {
  let connected: Promise<{ readonly client: STSClient; readonly region: string }> | undefined;
  return async ({ account, name, purpose }) => {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const { client, region } = await (connected ??= connect(caller));
    const { Credentials: answer } = await client.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(region, account, name),
        RoleSessionName: sessionName(purpose, caller.environment),
      }),
    );
    if (answer?.AccessKeyId === undefined || answer.SecretAccessKey === undefined) {
      throw new Error('sts:AssumeRole answered without credentials');
    }
    return {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      ...(answer.SessionToken === undefined ? {} : { sessionToken: answer.SessionToken }),
      ...(answer.Expiration === undefined ? {} : { expiration: new Date(answer.Expiration) }),
    };
  };
}

async function connect(caller: Caller) {
  const { environment = process.env, profile } = caller;
  const [{ STSClient }, { fromNodeProviderChain }, { requestHandler }, region] = await Promise.all([
    import('@aws-sdk/client-sts'),
    import('@aws-sdk/credential-providers'),
    import('./connection.ts'),
    callerRegion(caller),
  ]);
  const handler = requestHandler(environment);
  const endpoint = environment['AWS_ENDPOINT_URL_STS'] || environment['AWS_ENDPOINT_URL'];
  const chain = fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    clientConfig: { region, requestHandler: handler },
  });
  const client = new STSClient({
    region,
    requestHandler: handler,
    ...(endpoint ? { endpoint } : {}),
    // Keys beside an endpoint of its own are for that endpoint; a profile that the shell happens to name is for AWS.
    credentials: (endpoint && profile === undefined ? keysOf(environment) : undefined) ?? chain,
  });
  return { client, region };
}

function keysOf(environment: NodeJS.ProcessEnv): AwsCredentialIdentityProvider | undefined {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) });
}

/**
 * Says in CloudTrail who it was and what for; only what STS allows in a session name, at most 64 characters.
 * `CDK_ROLE_SESSION_NAME` is the CDK CLI's.
 */
export function sessionName(purpose: Purpose, environment: NodeJS.ProcessEnv = process.env): string {
  const name = environment['CDK_ROLE_SESSION_NAME'] || `cdk-${purpose}-${userName()}`;
  return name.replace(/[^\w+=,.@-]/g, '@').slice(0, 64);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user id that has no name.
    return 'unnamed';
  }
}
