import type { IIoHost, SdkConfig, Toolkit } from '@aws-cdk/toolkit-lib';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { AwsClients } from '../aws/index.ts';
import type { Listener } from '../progress/index.ts';

/** Where the messages of the toolkit go. */
export interface IoHostOptions {
  readonly listener: Listener;
  /**
   * Takes messages that are the result of an action, such as a diff, and their data.
   * @default - they are shown as information
   */
  readonly result?: (text: string, data: unknown) => void;
  /** Called before an app's missing values are looked up; the action ends with what it throws. @default - nothing */
  readonly beforeLookups?: () => Promise<void>;
  /**
   * Takes what an app writes to its outputs, line by line, as it is.
   * @default - not shown
   */
  readonly app?: (line: string) => void;
}

export interface ToolkitOptions extends IoHostOptions {
  readonly aws: AwsClients;
  /**
   * What the toolkit works with before it assumes any role.
   * @default - the caller's own
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
 * The region of the base credentials matters only if the toolkit calls STS; otherwise it need not be known.
 */
export async function openToolkit(options: ToolkitOptions): Promise<Toolkit> {
  const { aws, credentials = aws.callerCredentials, failAt = 'error', toolkitStackName } = options;
  const { BaseCredentials, Toolkit: CdkToolkit } = await import('@aws-cdk/toolkit-lib');
  const sdkConfig: SdkConfig = {
    baseCredentials: BaseCredentials.custom({
      provider: credentials,
      region: options.region ?? (await aws.region().catch(() => 'us-east-1')),
    }),
    httpOptions: { agent: aws.agents.https },
  };
  const ioHost = createIoHost(options);
  return new CdkToolkit({ ioHost, emojis: false, sdkConfig, assemblyFailureAt: failAt, toolkitStackName });
}

/**
 * How the toolkit loads assemblies: also those of a newer schema than its own, which come with every other
 * `aws-cdk-lib`. What we do not know of it, `readAssembly` refuses; the toolkit itself would refuse all.
 */
export const LOAD_ASSEMBLY: LoadAssemblyOptions = { checkVersion: false, checkEnums: false };

type LoadAssemblyOptions = NonNullable<Parameters<Toolkit['fromAssemblyDirectory']>[1]>['loadAssemblyOptions'];

/** The messages of the toolkit's contract, without importing it: that costs 1.2 s. */
type IoMessage = Parameters<IIoHost['notify']>[0];

const LEVELS: Readonly<Record<IoMessage['level'], 'debug' | 'info' | 'warning' | 'error'>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  result: 'info',
  warn: 'warning',
  error: 'error',
};

/**
 * What an app writes to its outputs. The toolkit calls one of them an error, but apps write warnings there; one that
 * fails says so by its exit code.
 */
const OF_APP = ['CDK_ASSEMBLY_I1001', 'CDK_ASSEMBLY_E1002'];

/** "Some context information is missing. Fetching...": the toolkit waits until it was heard. */
const BEFORE_LOOKUPS = 'CDK_ASSEMBLY_I0241';

/** Translates the messages of the CDK toolkit into our own events, and takes its default answer to each question. */
export function createIoHost({ listener, result, app, beforeLookups }: IoHostOptions): IIoHost {
  return {
    notify: async ({ code, level, message, data }) => {
      if (OF_APP.includes(code ?? '')) return app?.(message.trimEnd());
      if (code === BEFORE_LOOKUPS) await beforeLookups?.();
      if (message.trim() === '') return;
      if (level === 'result' && result !== undefined) return result(message, data);
      listener({ type: 'message', level: LEVELS[level] ?? 'info', text: message.trimEnd() });
    },
    requestResponse: async ({ defaultResponse }) => defaultResponse,
  };
}
