import type { SdkConfig, Toolkit } from '@aws-cdk/toolkit-lib';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { AwsClients } from '../aws/index.ts';
import { type IoHostOptions, createIoHost } from './io-host.ts';

/** How the CDK toolkit is opened. */
export interface ToolkitOptions extends IoHostOptions {
  readonly aws: AwsClients;
  /**
   * Who the toolkit speaks as before it assumes any role.
   * @default - the caller
   */
  readonly credentials?: AwsCredentialIdentityProvider;
  /**
   * Region of those credentials.
   * @default - the caller's, from environment or profile
   */
  readonly region?: string;
  /**
   * Messages of the assembly that end an action.
   * @default 'error'
   */
  readonly failAt?: 'error' | 'warn' | 'none';
  /**
   * Name of the bootstrap stack.
   * @default 'CDKToolkit'
   */
  readonly toolkitStackName?: string;
}

/**
 * Opens the CDK toolkit with our credentials, our HTTPS agent and our reporter. Imported late: loading it takes more
 * than a second.
 *
 * The region of the base credentials matters only if the toolkit talks to STS; it need not be known when nothing
 * does.
 */
export async function openToolkit(options: ToolkitOptions): Promise<Toolkit> {
  const { BaseCredentials, Toolkit: CdkToolkit } = await import('@aws-cdk/toolkit-lib');
  const region = options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  const sdkConfig: SdkConfig = {
    baseCredentials: BaseCredentials.custom({
      provider: options.credentials ?? options.aws.callerCredentials,
      region: region ?? (await options.aws.region().catch(() => 'us-east-1')),
    }),
    httpOptions: { agent: options.aws.agents.https },
  };
  return new CdkToolkit({
    ioHost: createIoHost(options),
    emojis: false,
    sdkConfig,
    assemblyFailureAt: options.failAt ?? 'error',
    ...(options.toolkitStackName === undefined ? {} : { toolkitStackName: options.toolkitStackName }),
  });
}
