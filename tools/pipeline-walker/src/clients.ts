import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { connect, observe } from 'nx-cdk/aws';
import type { Listener } from 'nx-cdk/progress';

/** Credentials, and whose they are. */
export interface Session {
  /** Name of the role, or `caller`. */
  readonly name: string;
  readonly credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}

/** A session of a role; its keys can be handed to a build. */
export interface RoleSession extends Session {
  readonly credentials: AwsCredentialIdentity;
}

/**
 * SDK clients of any session, all for one account and region. Unlike `AwsClients` of nx-cdk, it has the services that
 * only a walk needs. The SDK of a service is loaded when its first client is asked for.
 */
export class Clients {
  readonly http: NodeHttpHandler;
  readonly #connections = connect(process.env);
  readonly #target: string;
  readonly #region: string;
  readonly #listener: Listener;

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

  constructor(account: string, region: string, listener: Listener) {
    this.#target = `${account}/${region}`;
    this.#region = region;
    this.#listener = listener;
    this.http = new NodeHttpHandler({
      httpsAgent: this.#connections.https,
      httpAgent: this.#connections.http,
      connectionTimeout: 10_000,
      socketTimeout: 120_000,
    });
  }

  /** Closes sockets. */
  destroy(): void {
    this.#connections.destroy();
  }

  /** A function that makes a client of a service for a session. */
  #of<Client>(service: string, load: () => Promise<new (config: never) => Client>) {
    return async ({ name: role, credentials }: Session): Promise<Client> => {
      const endpoint = process.env['AWS_ENDPOINT_URL'] || undefined;
      const config = { region: this.#region, endpoint, credentials, requestHandler: this.http };
      const client = new (await load())(config as never);
      const context = { role, target: this.#target, ...(endpoint && { endpoint }) };
      observe(client as never, service, context, this.#listener);
      return client;
    };
  }
}
