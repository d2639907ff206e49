import { join, resolve } from 'node:path';
import type { ReleaseSigning } from '@libs/environments';
import { workspaceAccounts } from './accounts.ts';
import { clientEnvironment, foreignClientEnvironment } from './client-environment.ts';
import { reset, start, stop } from './instance.ts';
import { endpointOf, registryProxyOf } from './instance-state.ts';
import { localRequest } from './local-request.ts';
import { instanceFiles } from './locations.ts';
import { localSecret } from './server-process.ts';

export interface StartInstanceOptions {
  /** Where the instance keeps its certificate, log and temporary files. Made if missing. */
  readonly directory: string;
  /** @default 0: any free port */
  readonly port?: number;
  /**
   * The account that `OrganizationAccountAccessRole` trusts in every other account. @default the CI account of
   * environments.json
   */
  readonly managementAccount?: string;
  /** The region that {@link LocalAws.environment} names. @default the CI region of environments.json */
  readonly region?: string;
  /**
   * A KMS key that is there from the start, under this ARN. @default that of environments.json, where the accounts are
   * its, too
   */
  readonly signing?: ReleaseSigning;
  /** Write each AWS request as one JSON line to {@link LocalAws.requestLog}. @default false */
  readonly logRequests?: boolean;
  /** Told what takes long. @default silent */
  readonly log?: (line: string) => void;
  /** End with this process, however it ends. @default true */
  readonly endWithProcess?: boolean;
}

/** An answer that is given instead of the service's own. */
export interface Fault {
  /** As in the request log, such as `cloudformation`. @default every service */
  readonly service?: string;
  /** As in the request log, such as `DescribeStacks`. @default every action */
  readonly action?: string;
  /** HTTP status. @default 500 */
  readonly status?: number;
  /** AWS error code, such as `Throttling`. @default 'InternalFailure' */
  readonly code?: string;
  /** How many matching requests pass first. @default 0 */
  readonly after?: number;
  /** How many are answered so. @default 1 */
  readonly times?: number;
}

/** A running local AWS. */
export interface LocalAws {
  /** `https://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly port: number;
  /**
   * `http://127.0.0.1:<port>`: a proxy (CONNECT) to the registries `<account>.dkr.ecr.<region>.amazonaws.com`, and to
   * nothing else. For container tools as HTTPS_PROXY, with SSL_CERT_FILE naming {@link LocalAws.caFile}.
   */
  readonly registryProxy: string;
  /** The authority that signed its certificate, PEM; absolute. */
  readonly caFile: string;
  readonly logFile: string;
  /** Where requests are written, with `logRequests`. */
  readonly requestLog?: string;
  /**
   * The management account's root keys, endpoint, region and certificate, for this workspace's tools; another account's
   * on request.
   */
  environment(account?: string): Record<string, string>;
  /** The same for the CDK CLI, the AWS CLI and other programs, which read AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. */
  foreignEnvironment(account?: string): Record<string, string>;
  /** Root credentials of any account. */
  credentialsFor(account: string): { accessKeyId: string; secretAccessKey: string };
  /**
   * Makes every AWS request wait, or some of them fail, until it is called again; without either, all is well again.
   */
  disturb(disturbances: { latencyMilliseconds?: number; faults?: readonly Fault[] }): Promise<void>;
  /** Empties every account. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an instance for a program, such as a test suite: beside any other, on a free port, in its own directory. The
 * first start on a machine installs Python packages, which takes some seconds.
 *
 * @throws LocalAwsError `NoPython`, `InstallFailed`, `PortInUse`, `StartFailed`
 */
export async function startInstance(options: StartInstanceOptions): Promise<LocalAws> {
  const directory = resolve(options.directory);
  const needsWorkspace = options.managementAccount === undefined || options.region === undefined;
  const workspace = needsWorkspace ? workspaceAccounts() : undefined;
  const managementAccount = options.managementAccount ?? workspace!.management;
  const region = options.region ?? workspace!.region;
  const requestLog = options.logRequests ? join(directory, 'requests.jsonl') : undefined;
  const { state } = await start(
    {
      directory,
      port: options.port ?? 0,
      managementAccount,
      region,
      signing: options.signing ?? workspace?.signing,
      requestLog,
      ownerPid: options.endWithProcess === false ? undefined : process.pid,
    },
    options.log ?? (() => {}),
  );
  const files = instanceFiles(directory);
  const registryProxy = registryProxyOf(state);
  const target = (account = managementAccount) => ({
    endpoint: endpointOf(state),
    registryProxy,
    directory,
    account,
    region,
  });
  return {
    endpoint: endpointOf(state),
    port: state.port,
    registryProxy,
    caFile: files.authority,
    logFile: files.log,
    requestLog,
    environment: (account) => clientEnvironment(target(account)),
    foreignEnvironment: (account) => foreignClientEnvironment(target(account)),
    credentialsFor: (account) => ({ accessKeyId: account, secretAccessKey: localSecret }),
    disturb: async (disturbances) => {
      await localRequest({ endpoint: endpointOf(state), caFile: files.authority }, '/_local-aws/disturbances', {
        method: 'POST',
        body: JSON.stringify(disturbances),
      });
    },
    reset: async () => void (await reset(directory)),
    stop: async () => void (await stop(directory)),
  };
}
