import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentityProvider, Provider } from '@aws-sdk/types';
import { partitionOf } from '@nx-cdk/environments';
import type { DefaultRateLimiter } from '@smithy/util-retry';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { type Admission, admissionOf, roleNotAdmitted } from './admission.ts';
import type { AwsClients, Caller, Session } from './contract.ts';
import { connect } from './http.ts';
import { observe } from './observe.ts';
import { assumedRoles } from './sessions.ts';

export interface AwsOptions {
  /** Gets an event for each call. */
  readonly listener: Listener;
  /**
   * Where endpoint, certificate and credentials are looked up.
   * @default process.env
   */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * HTTP attempts for each call, including the first. With the SDK's exponential backoff (at most 20 s between two)
   * eight attempts outlast throttling or a restart of the endpoint, but do not hang for minutes if it is gone.
   * @default 8
   */
  readonly maxAttempts?: number;
  /**
   * The caller's credentials.
   * @default - the standard chain of the SDK: environment, profile (SSO included), web identity, container, instance
   */
  readonly credentials?: AwsCredentialIdentityProvider;
  /**
   * The profile of the caller, which wins over the environment.
   * @default - as the environment says
   */
  readonly profile?: string;
  /** Which roles may be used. @default - those of any bootstrap, each for its own purpose, in the session's account */
  readonly admission?: Admission;
}

/**
 * Requests per second that a throttled service still gets in one account and region. With the SDK's own lower bound,
 * one request in two seconds, a run of many stacks crawls after one throttled answer. AWS's limits are well above this.
 */
const LOWEST_RATE = 5;

/** Stands for the account of the caller, which is not known before STS is asked. */
const CALLERS_ACCOUNT = 'caller';

type ClientClass<Client> = new (config: never) => Client;

/** Makes the client pool of a process. */
export function createAws({
  listener,
  environment = process.env,
  maxAttempts = 8,
  profile,
  admission = admissionOf(),
  ...options
}: AwsOptions): AwsClients {
  const agents = connect(environment);
  const clients = new Map<string, Promise<{ destroy(): void }>>();
  const limiters = new Map<string, DefaultRateLimiter>();
  let requestHandler: Promise<unknown> | undefined;
  let chain = options.credentials;
  let ownRegion: Promise<string> | undefined;
  let caller: Promise<Caller> | undefined;

  const handler = () =>
    (requestHandler ??= import('@smithy/node-http-handler').then(
      ({ NodeHttpHandler }) =>
        new NodeHttpHandler({
          httpsAgent: agents.https,
          httpAgent: agents.http,
          connectionTimeout: 10_000,
          // Idle time of a socket, not the time of a request: a large upload takes long, but never pauses.
          socketTimeout: 120_000,
        }),
    ));

  const callerCredentials: AwsCredentialIdentityProvider = async (...args) => {
    // Keys next to an endpoint are for that endpoint; a profile that the shell names is for AWS.
    chain ??= environment['AWS_ENDPOINT_URL'] ? keysOf(environment) : undefined;
    if (chain === undefined) {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
      chain ??= fromNodeProviderChain({ clientConfig: { requestHandler: (await handler()) as never }, profile });
    }
    return chain(...args);
  };

  const credentials = ({ role, ...target }: Session): AwsCredentialIdentityProvider => {
    if (role === undefined) return callerCredentials;
    const refusal = admission.refusal(role, target.account);
    if (refusal === undefined) return assumed({ ...target, role });
    return () => Promise.reject(roleNotAdmitted(role, refusal));
  };

  const retryStrategy = async (service: string, { account, region }: Session) => {
    const sdk = await import('@smithy/util-retry');
    const key = `${service} ${account}/${region}`;
    const rateLimiter = limiters.get(key) ?? new sdk.DefaultRateLimiter({ minFillRate: LOWEST_RATE });
    limiters.set(key, rateLimiter);
    return new sdk.AdaptiveRetryStrategy(async () => maxAttempts, { rateLimiter });
  };

  const makeClient = async <Client>(service: string, session: Session, load: () => Promise<ClientClass<Client>>) => {
    const { account, region, role } = session;
    const url = endpointOf(service, environment);
    const endpoint = url === undefined ? {} : { endpoint: url };
    const config = {
      ...endpoint,
      region,
      credentials: credentials(session),
      requestHandler: await handler(),
      retryStrategy: await retryStrategy(service, session),
    };
    const client = new (await load())(config as never);
    const context = {
      role: role?.arn.split('/').at(-1) ?? 'caller',
      target: account === CALLERS_ACCOUNT ? region : `${account}/${region}`,
      ...endpoint,
    };
    observe(client as never, service, context, listener);
    return client;
  };

  const clientOf =
    <Client extends { destroy(): void }>(service: string, load: () => Promise<ClientClass<Client>>) =>
    (session: Session): Promise<Client> => {
      const key = JSON.stringify([service, session.region, session.account, session.role]);
      const client = (clients.get(key) as Promise<Client> | undefined) ?? makeClient(service, session, load);
      clients.set(key, client);
      return client;
    };

  const stsOfCaller = clientOf('sts', async () => (await import('@aws-sdk/client-sts')).STSClient);
  const sts = (region: string): Promise<STSClient> => stsOfCaller({ account: CALLERS_ACCOUNT, region });

  const region = () => (ownRegion ??= regionOf(environment, profile));

  const askCaller = async (fallback?: string): Promise<Caller> => {
    const here = await region().catch((error: unknown) => {
      if (fallback === undefined) throw error;
      return fallback;
    });
    const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const { Account: account, Arn: arn } = await (await sts(here)).send(new GetCallerIdentityCommand({}));
    if (account === undefined || arn === undefined) {
      const what = 'sts:GetCallerIdentity answered without an account';
      throw new Failure('Credentials', { what, next: 'check the credentials' });
    }
    return { account, region: here, partition: partitionOf(here), arn };
  };

  const callerOnce = (fallback?: string) =>
    (caller ??= askCaller(fallback).catch((error: unknown) => {
      caller = undefined;
      throw error;
    }));

  const assumed = assumedRoles({
    // STS of the caller's region, if it has one: the region of an opted-in target may not be enabled for the caller.
    sts: async (fallback) => sts(await region().catch(() => fallback)),
    callerArn: async () => (await callerOnce()).arn,
  });

  return {
    agents,
    callerCredentials,
    admission,
    region,
    caller: callerOnce,
    credentials,
    cloudFormation: clientOf(
      'cloudformation',
      async () => (await import('@aws-sdk/client-cloudformation')).CloudFormationClient,
    ),
    ecr: clientOf('ecr', async () => (await import('@aws-sdk/client-ecr')).ECRClient),
    iam: clientOf('iam', async () => (await import('@aws-sdk/client-iam')).IAMClient),
    kms: clientOf('kms', async () => (await import('@aws-sdk/client-kms')).KMSClient),
    lambda: clientOf('lambda', async () => (await import('@aws-sdk/client-lambda')).LambdaClient),
    logs: clientOf('logs', async () => (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient),
    s3: clientOf('s3', async () => (await import('@aws-sdk/client-s3')).S3Client),
    ssm: clientOf('ssm', async () => (await import('@aws-sdk/client-ssm')).SSMClient),
    stepFunctions: clientOf('states', async () => (await import('@aws-sdk/client-sfn')).SFNClient),
    destroy: () => {
      for (const created of clients.values()) created.then((client) => client.destroy()).catch(() => undefined);
      agents.destroy();
    },
  };
}

async function regionOf(environment: NodeJS.ProcessEnv, profile: string | undefined): Promise<string> {
  // The second is no variable of this SDK, but the CDK CLI and the AWS CLI read it.
  const named = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (named) return named;
  const { STSClient } = await import('@aws-sdk/client-sts');
  try {
    return await (new STSClient({ profile }).config.region as Provider<string>)();
  } catch (cause) {
    const next = 'set AWS_REGION, or a region in the profile that AWS_PROFILE names';
    throw new Failure('NoRegion', { what: 'No AWS region is set', next }, { cause });
  }
}

/** The keys in the environment, if there are any. */
function keysOf(environment: NodeJS.ProcessEnv): AwsCredentialIdentityProvider | undefined {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
}

/**
 * The endpoint of a service wins over that of all services, as in every AWS SDK
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
function endpointOf(service: string, environment: NodeJS.ProcessEnv): string | undefined {
  return environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || environment['AWS_ENDPOINT_URL'] || undefined;
}
