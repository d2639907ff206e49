import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Agent } from 'node:https';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';

/** The role and the target that a client makes its requests with. */
export interface Session {
  /** 12 digits; the account that the role is in, or the caller's own if there is no role. */
  readonly account: string;
  readonly region: string;
  /** The role to assume; without one the caller's own credentials are used. Placeholders already resolved. */
  readonly role?: {
    readonly arn: string;
    readonly externalId?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  };
}

/**
 * Sessions and clients. One AssumeRole a role and process, shared as a promise; one client a service, session and
 * process; SDK adaptive retries with one rate limiter a service, account and region; the endpoint and the CA come from
 * the environment.
 *
 * Client modules are imported on first use: a no-op does not pay for SDK code that it does not call.
 */
export interface AwsClients {
  /**
   * Account and region of the caller's own credentials (one `GetCallerIdentity` a process; region from the environment
   * or profile).
   */
  caller(): Promise<{
    readonly account: string;
    readonly region: string;
    readonly partition: string;
    readonly arn: string;
  }>;
  credentials(session: Session): AwsCredentialIdentityProvider;
  cloudFormation(session: Session): Promise<CloudFormationClient>;
  ecr(session: Session): Promise<ECRClient>;
  kms(session: Session): Promise<KMSClient>;
  s3(session: Session): Promise<S3Client>;
  ssm(session: Session): Promise<SSMClient>;
  /**
   * For requests that no SDK client makes. Both trust the certificate authorities and use the proxies that the
   * environment names;
   * `registry` is for container registries, which `NX_CDK_REGISTRY_PROXY` may give a proxy of their own.
   */
  readonly agents: { readonly https: Agent; readonly registry: Agent };
  /** Closes sockets. */
  destroy(): void;
}
