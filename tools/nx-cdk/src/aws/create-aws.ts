import type { AwsCredentialIdentityProvider, Provider } from '@aws-sdk/types';
import type { Agent } from 'node:https';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { AwsClients, Session } from './contract.ts';
import { connect } from './http.ts';
import { observe } from './observe.ts';
import { partitionOf } from '@libs/environments';
import { Sessions } from './sessions.ts';

/** How an `Aws` is made. */
export interface AwsOptions {
  /** Hears of every call. */
  readonly listener: Listener;
  /**
   * Where endpoint, certificate and credentials are looked up.
   * @default process.env
   */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * HTTP attempts a call, the first one included. With the SDK's exponential backoff (at most 20 s a wait) eight
   * attempts outlast a throttling burst and a restart of an endpoint, without hanging for minutes on one that is gone.
   * @default 8
   */
  readonly maxAttempts?: number;
  /**
   * The caller's credentials.
   * @default - the standard chain of the SDK: environment, profile (SSO included), web identity, container, instance
   */
  readonly credentials?: AwsCredentialIdentityProvider;
}

/** An `Aws` with what libraries that bring their own clients need of it. */
export interface ConnectedAwsClients extends AwsClients {
  /**
   * Trusts every certificate authority that the environment names; to be handed to libraries with clients of their own.
   */
  readonly agent: Agent;
  /** Region of the environment or the profile. Throws Failure `NoRegion` if there is none. */
  region(): Promise<string>;
  /** The caller's own credentials. */
  readonly callerCredentials: AwsCredentialIdentityProvider;
}

/**
 * Requests a second that a throttled service is still asked in one account and region. The SDK's own lower bound, one
 * request in two seconds, makes a run of many stacks crawl after a single throttled answer; AWS's limits are well above
 * this.
 */
const LOWEST_RATE = 5;

type CommonConfig = {
  endpoint?: string;
  region: string;
  credentials: AwsCredentialIdentityProvider;
  requestHandler: never;
  retryStrategy: never;
};

/** Stands for the account of the caller, which nobody has asked STS for yet. */
const CALLERS_ACCOUNT = 'caller';

/** Makes the sessions and clients of one process. */
export function createAws(options: AwsOptions): ConnectedAwsClients {
  const environment = options.environment ?? process.env;
  const maxAttempts = options.maxAttempts ?? 8;
  const connections = connect(environment);
  const clients = new Map<string, Promise<{ destroy(): void }>>();
  const limiters = new Map<string, unknown>();
  let requestHandler: Promise<unknown> | undefined;
  let base: AwsCredentialIdentityProvider | undefined = options.credentials;

  const callerCredentials: AwsCredentialIdentityProvider = async (...args) => {
    // Keys beside an endpoint of its own are for that endpoint; a profile that the shell happens to name is for AWS.
    base ??= environment['AWS_ENDPOINT_URL'] ? keysOf(environment) : undefined;
    if (base === undefined) {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
      base ??= fromNodeProviderChain({ clientConfig: { requestHandler: (await handler()) as never } });
    }
    return base(...args);
  };

  const handler = () =>
    (requestHandler ??= import('@smithy/node-http-handler').then(
      ({ NodeHttpHandler }) =>
        new NodeHttpHandler({
          httpsAgent: connections.https,
          httpAgent: connections.http,
          connectionTimeout: 10_000,
          // Idle time of a socket, not the time of a request: a large upload may take long, but it never pauses.
          socketTimeout: 120_000,
        }),
    ));

  const retries = async (service: string, session: Session) => {
    const { AdaptiveRetryStrategy, DefaultRateLimiter } = await import('@smithy/util-retry');
    const key = `${service} ${session.account}/${session.region}`;
    const rateLimiter = (limiters.get(key) ?? new DefaultRateLimiter({ minFillRate: LOWEST_RATE })) as InstanceType<
      typeof DefaultRateLimiter
    >;
    limiters.set(key, rateLimiter);
    return new AdaptiveRetryStrategy(async () => maxAttempts, { rateLimiter });
  };

  const credentials = (session: Session): AwsCredentialIdentityProvider =>
    session.role === undefined ? callerCredentials : sessions.provider({ ...session, role: session.role });

  function client<Client extends { destroy(): void; middlewareStack: unknown }>(
    service: string,
    session: Session,
    make: (config: CommonConfig) => Promise<Client>,
  ): Promise<Client> {
    const key = JSON.stringify([service, session.region, session.account, session.role]);
    const existing = clients.get(key) as Promise<Client> | undefined;
    if (existing !== undefined) return existing;
    const endpoint = endpointOf(service, environment);
    const created = (async () => {
      const instance = await make({
        ...(endpoint === undefined ? {} : { endpoint }),
        region: session.region,
        credentials: credentials(session),
        requestHandler: (await handler()) as never,
        retryStrategy: (await retries(service, session)) as never,
      });
      const context = {
        role: session.role?.arn.split('/').at(-1) ?? 'caller',
        target: session.account === CALLERS_ACCOUNT ? session.region : `${session.account}/${session.region}`,
        ...(endpoint === undefined ? {} : { endpoint }),
      };
      observe(instance as never, service, context, options.listener);
      return instance;
    })();
    clients.set(key, created);
    return created;
  }

  const sts = (region: string) =>
    client(
      'sts',
      { account: CALLERS_ACCOUNT, region },
      async (config) => new (await import('@aws-sdk/client-sts')).STSClient(config),
    );

  let region: Promise<string> | undefined;
  const ownRegion = (): Promise<string> => (region ??= lookUpRegion());
  const lookUpRegion = async (): Promise<string> => {
    const named = environment['AWS_REGION'];
    if (named) return named;
    const { STSClient } = await import('@aws-sdk/client-sts');
    try {
      return await (new STSClient({}).config.region as Provider<string>)();
    } catch (cause) {
      throw new Failure(
        'NoRegion',
        { what: 'No AWS region is set', next: 'set AWS_REGION, or a region in the profile that AWS_PROFILE names' },
        { cause },
      );
    }
  };

  let caller: ReturnType<AwsClients['caller']> | undefined;
  const askCaller = (): ReturnType<AwsClients['caller']> =>
    (caller ??= (async () => {
      const region = await ownRegion();
      const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { Account, Arn } = await (await sts(region)).send(new GetCallerIdentityCommand({}));
      if (Account === undefined || Arn === undefined) {
        throw new Failure('Credentials', {
          what: 'sts:GetCallerIdentity answered without an account',
          next: 'check the credentials',
        });
      }
      return { account: Account, region, partition: partitionOf(region), arn: Arn };
    })().catch((error: unknown) => {
      caller = undefined;
      throw error;
    }));

  const sessions = new Sessions({
    // STS of the caller's region if it has one: a region that a target opted in to need not be enabled for the
    // caller's account.
    sts: async (region) => sts(await ownRegion().catch(() => region)),
    callerArn: async () => (await askCaller()).arn,
  });

  return {
    agent: connections.https,
    agents: connections,
    callerCredentials,
    region: ownRegion,
    caller: askCaller,
    credentials,
    cloudFormation: (session) =>
      client(
        'cloudformation',
        session,
        async (config) => new (await import('@aws-sdk/client-cloudformation')).CloudFormationClient(config),
      ),
    ecr: (session) =>
      client('ecr', session, async (config) => new (await import('@aws-sdk/client-ecr')).ECRClient(config)),
    kms: (session) =>
      client('kms', session, async (config) => new (await import('@aws-sdk/client-kms')).KMSClient(config)),
    s3: (session) => client('s3', session, async (config) => new (await import('@aws-sdk/client-s3')).S3Client(config)),
    ssm: (session) =>
      client('ssm', session, async (config) => new (await import('@aws-sdk/client-ssm')).SSMClient(config)),
    destroy: () => {
      for (const created of clients.values()) created.then((instance) => instance.destroy()).catch(() => undefined);
      connections.destroy();
    },
  };
}

/** The keys that the environment holds, if it holds any. */
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
 * An endpoint of a service alone wins over that of all, as in every AWS SDK
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
function endpointOf(service: string, environment: NodeJS.ProcessEnv): string | undefined {
  return environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || environment['AWS_ENDPOINT_URL'] || undefined;
}
