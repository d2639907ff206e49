import type { Agent } from 'node:https';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Listener } from '../progress/index.ts';
import type { Admission, WantedRole } from './admission.ts';

/** The role and the target that a client makes its requests with. */
export interface Session {
  /** 12 digits; the account that the role is in, or the caller's own if there is no role. */
  readonly account: string;
  readonly region: string;
  /** The role to assume, placeholders resolved. @default - the caller's own credentials are used */
  readonly role?: WantedRole;
}

/** Who the credentials of this process belong to. */
export interface Caller {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly arn: string;
}

/**
 * The client pool of a process: one AssumeRole for each role, one client for each service and session. The SDK's
 * adaptive retries share one rate limiter for each service, account and region. Endpoint and certificate authorities
 * come from the environment.
 *
 * Client modules are imported on first use: a run that changes nothing does not pay for SDK code that it does not call.
 */
export interface AwsClients {
  /**
   * The caller, asked once (`GetCallerIdentity`).
   *
   * @param region asks STS there if no region is set
   * @throws Failure `NoRegion` if no region is set or given
   */
  caller(region?: string): Promise<Caller>;
  /** Region of the environment or the profile. @throws Failure `NoRegion` */
  region(): Promise<string>;
  /** The caller's own credentials. */
  readonly callerCredentials: AwsCredentialIdentityProvider;
  /** Decides which roles may be used. What libraries assume themselves is asked for here before. */
  readonly admission: Admission;
  /** Credentials of a session; they reject with Failure `RoleNotAdmitted` if its role may not be used. */
  credentials(session: Session): AwsCredentialIdentityProvider;
  cloudFormation(session: Session): Promise<CloudFormationClient>;
  ecr(session: Session): Promise<ECRClient>;
  iam(session: Session): Promise<IAMClient>;
  kms(session: Session): Promise<KMSClient>;
  lambda(session: Session): Promise<LambdaClient>;
  logs(session: Session): Promise<CloudWatchLogsClient>;
  s3(session: Session): Promise<S3Client>;
  ssm(session: Session): Promise<SSMClient>;
  stepFunctions(session: Session): Promise<SFNClient>;
  /**
   * For requests that other libraries make, with the certificate authorities and proxies of the environment. `registry`
   * is for container registries, which `NX_CDK_REGISTRY_PROXY` can give a proxy of their own.
   */
  readonly agents: { readonly https: Agent; readonly registry: Agent };
  /** Closes sockets. */
  destroy(): void;
}

/** What an engine works with. */
export interface EngineDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, nothing new starts; what runs is followed to its end. */
  readonly signal?: AbortSignal;
}
