import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { type Connections, connect, observe } from 'nx-cdk/aws';
import type { Listener } from 'nx-cdk/progress';

/** Credentials, and whose they are. */
export interface Session {
  /** Name of the role, or `caller`. */
  readonly name: string;
  readonly credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}

/** Where clients speak to. */
export interface ClientsOptions {
  /** Holds the endpoint and names the certificate. */
  readonly environment: NodeJS.ProcessEnv;
  readonly account: string;
  readonly region: string;
  /** Hears of every call. */
  readonly listener: Listener;
}

interface Client {
  destroy(): void;
}

/**
 * SDK clients of any session, all for one account and region. A walk needs services that nothing else here needs, hence
 * these beside `AwsClients`. The SDK of a service is loaded when its first client is asked for.
 */
export class Clients {
  readonly connections: Connections;
  readonly #options: ClientsOptions;
  readonly #made: Client[] = [];

  readonly codePipeline = this.#of(
    'codepipeline',
    async () => (await import('@aws-sdk/client-codepipeline')).CodePipelineClient,
  );
  readonly codeBuild = this.#of('codebuild', async () => (await import('@aws-sdk/client-codebuild')).CodeBuildClient);
  readonly cloudFormation = this.#of(
    'cloudformation',
    async () => (await import('@aws-sdk/client-cloudformation')).CloudFormationClient,
  );
  readonly logs = this.#of('logs', async () => (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient);
  readonly iam = this.#of('iam', async () => (await import('@aws-sdk/client-iam')).IAMClient);
  readonly s3 = this.#of('s3', async () => (await import('@aws-sdk/client-s3')).S3Client);
  readonly secretsManager = this.#of(
    'secretsmanager',
    async () => (await import('@aws-sdk/client-secrets-manager')).SecretsManagerClient,
  );
  readonly ssm = this.#of('ssm', async () => (await import('@aws-sdk/client-ssm')).SSMClient);
  readonly sts = this.#of('sts', async () => (await import('@aws-sdk/client-sts')).STSClient);

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.connections = connect(options.environment);
  }

  /** Closes sockets. */
  destroy(): void {
    for (const client of this.#made) client.destroy();
    this.connections.destroy();
  }

  /** What makes a client of a service for a session. */
  #of<Made extends Client>(service: string, load: () => Promise<new (config: never) => Made>) {
    return async ({ name: role, credentials }: Session): Promise<Made> => {
      const { environment, account, region, listener } = this.#options;
      const { NodeHttpHandler } = await import('@smithy/node-http-handler');
      const endpoint = environment['AWS_ENDPOINT_URL'] || undefined;
      const { https: httpsAgent, http: httpAgent } = this.connections;
      const requestHandler = new NodeHttpHandler({
        httpsAgent,
        httpAgent,
        connectionTimeout: 10_000,
        socketTimeout: 120_000,
      });
      const client = new (await load())({ region, endpoint, credentials, requestHandler } as never);
      this.#made.push(client);
      observe(
        client as never,
        service,
        { role, target: `${account}/${region}`, ...(endpoint && { endpoint }) },
        listener,
      );
      return client;
    };
  }
}
