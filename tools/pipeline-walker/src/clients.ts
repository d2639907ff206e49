import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { type Connections, connect, observe } from 'nx-cdk/aws';
import type { Listener } from 'nx-cdk/progress';

/** Credentials, and whose they are. */
export interface Session {
  /** Name of the role, or `caller`. */
  readonly name: string;
  /** Absent for the caller. */
  readonly roleArn?: string;
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

type Constructor<Client> = new (config: never) => Client;

/**
 * SDK clients of any session, all for one account and region. A walk needs services that nothing else here needs,
 * hence these beside `Aws`: they are imported when the first of them is asked for.
 */
export class Clients {
  readonly connections: Connections;
  readonly #options: ClientsOptions;
  readonly #made: { destroy(): void }[] = [];

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.connections = connect(options.environment);
  }

  async codePipeline(session: Session) {
    return this.#client('codepipeline', session, (await import('@aws-sdk/client-codepipeline')).CodePipelineClient);
  }

  async codeBuild(session: Session) {
    return this.#client('codebuild', session, (await import('@aws-sdk/client-codebuild')).CodeBuildClient);
  }

  async cloudFormation(session: Session) {
    return this.#client(
      'cloudformation',
      session,
      (await import('@aws-sdk/client-cloudformation')).CloudFormationClient,
    );
  }

  async logs(session: Session) {
    return this.#client('logs', session, (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient);
  }

  async iam(session: Session) {
    return this.#client('iam', session, (await import('@aws-sdk/client-iam')).IAMClient);
  }

  async s3(session: Session) {
    return this.#client('s3', session, (await import('@aws-sdk/client-s3')).S3Client);
  }

  async secretsManager(session: Session) {
    const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    return this.#client('secretsmanager', session, SecretsManagerClient);
  }

  async ssm(session: Session) {
    return this.#client('ssm', session, (await import('@aws-sdk/client-ssm')).SSMClient);
  }

  async sts(session: Session) {
    return this.#client('sts', session, (await import('@aws-sdk/client-sts')).STSClient);
  }

  /** Closes sockets. */
  destroy(): void {
    for (const client of this.#made) client.destroy();
    this.connections.destroy();
  }

  async #client<Client extends { destroy(): void; middlewareStack: unknown }>(
    service: string,
    session: Session,
    make: Constructor<Client>,
  ): Promise<Client> {
    const { environment, account, region, listener } = this.#options;
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    const endpoint = environment['AWS_ENDPOINT_URL'];
    const client = new make({
      region,
      ...(endpoint ? { endpoint } : {}),
      credentials: session.credentials,
      requestHandler: new NodeHttpHandler({
        httpsAgent: this.connections.https,
        httpAgent: this.connections.http,
        connectionTimeout: 10_000,
        socketTimeout: 120_000,
      }),
    } as never);
    this.#made.push(client);
    const context = { role: session.name, target: `${account}/${region}`, ...(endpoint ? { endpoint } : {}) };
    observe(client as never, service, context, listener);
    return client;
  }
}
