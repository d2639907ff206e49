import { createHmac } from 'node:crypto';
import { resolve } from 'node:path';
import { clientEnvironment, foreignClientEnvironment } from './client-environment.ts';
import { reset, start, stop } from './instance.ts';
import { instanceFiles } from './locations.ts';
import { listPlaceholders, type Placeholder } from './placeholders.ts';
import type { RunningInstance } from './running-instance.ts';
import type { ServerOptions } from './server-process.ts';

export interface StartInstanceOptions extends Pick<
  ServerOptions,
  'directory' | 'managementAccount' | 'signing' | 'strict'
> {
  /** The region that {@link LocalAws.environment} names. */
  readonly region: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** Called with what takes long. @default silent */
  readonly log?: (line: string) => void;
}

/** A running local AWS. */
export interface LocalAws extends Pick<RunningInstance, 'endpoint' | 'port' | 'pid' | 'registryProxy' | 'caFile'> {
  readonly logFile: string;
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
   * A token with these claims, as an OIDC issuer gives it to a job: the local AWS takes those that its secret signs.
   * What STS asks for (`iss`, `aud`, `sub`, `exp`) has to be among them.
   */
  identityToken(claims: object): string;
  /** What proves nothing on it. */
  placeholders(): Promise<Placeholder[]>;
  /** Empties every account. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an instance for a program, such as a test suite: on a free port, in its own directory, next to any other. It
 * ends with this process. The first start on a machine installs Python packages, which takes some seconds.
 *
 * @throws LocalAwsError `NoPython`, `InstallFailed`, `PortInUse`, `StartFailed`
 */
export async function startInstance(options: StartInstanceOptions): Promise<LocalAws> {
  const { managementAccount, region, signing, strict, port = 0, log = () => {} } = options;
  const directory = resolve(options.directory);
  const ownerPid = process.pid;
  const server = { directory, port, managementAccount, region, signing, strict, ownerPid };
  const { instance } = await start(server, log);
  const target = (account = managementAccount) => ({ ...instance, account, region });
  return {
    endpoint: instance.endpoint,
    port: instance.port,
    pid: instance.pid,
    registryProxy: instance.registryProxy,
    caFile: instance.caFile,
    logFile: instanceFiles(directory).log,
    environment: (account) => clientEnvironment(target(account)),
    foreignEnvironment: (account) => foreignClientEnvironment(target(account)),
    credentialsFor: (account) => ({ accessKeyId: account, secretAccessKey: instance.secret }),
    identityToken: (claims) => signedToken(claims, instance.secret),
    placeholders: () => listPlaceholders(instance),
    reset: async () => void (await reset(directory)),
    stop: async () => void (await stop(directory)),
  };
}

/** A JSON Web Token by HS256 (RFC 7519). */
function signedToken(claims: object, secret: string): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
