import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createSecureContext } from 'node:tls';
import { proxyObstacle, trustedCertificates } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';

/**
 * Variable that names a further certificate authority for our own requests. It is ours because many machines set
 * `NODE_EXTRA_CA_CERTS` and `AWS_CA_BUNDLE` already, and a variable of the shell wins over one of an `.env` file.
 */
const CA_FILE_VARIABLE = 'NX_CDK_CA_FILE';

/** Connections of a process, kept alive, with the certificate authorities and proxies that the environment names. */
export interface Connections {
  readonly https: HttpsAgent;
  readonly http: HttpAgent;
  /** For container registries. */
  readonly registry: HttpsAgent;
  destroy(): void;
}

/**
 * @param environment where `NX_CDK_CA_FILE`, `AWS_CA_BUNDLE`, `NX_CDK_REGISTRY_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are
 * looked up
 * @throws Failure `CaFile` if a named certificate file cannot be read, `NoProxy` if this Node cannot use the proxy
 */
export function connect(environment: NodeJS.ProcessEnv): Connections {
  // Enough for every limit of the engines together; the engines, not the sockets, decide what runs at once.
  requireProxy(environment);
  const options = { keepAlive: true, maxSockets: 128, proxyEnv: proxyEnvironment(environment) };
  const ca = certificateAuthorities(environment);
  // A context, not a list: an agent given a list joins all of it into the name of each socket it looks for, and parses
  // it for each connection, which costs more than the requests do.
  const trust = ca === undefined ? {} : { secureContext: createSecureContext({ ca }) };
  const toAws = { ...options, ...trust };
  const https = new HttpsAgent(toAws);
  const toRegistry = { ...options, ...trust, proxyEnv: registryProxy(environment) ?? options.proxyEnv };
  const registry = new HttpsAgent(toRegistry);
  const http = new HttpAgent(options);
  const destroy = () => [https, http, registry].forEach((agent) => agent.destroy());
  return { https, http, registry, destroy };
}

/**
 * Loopback never goes through a proxy: no proxy could reach it. Both spellings are set, since Node prefers the
 * lower-case one.
 */
export function proxyEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const given = environment['no_proxy'] || environment['NO_PROXY'];
  const never = [given, '127.0.0.1', 'localhost', '.localhost', '::1'].filter(Boolean).join(',');
  return { ...environment, NO_PROXY: never, no_proxy: never };
}

/** Another endpoint than AWS may be on this machine, where no proxy is needed. */
function requireProxy(environment: NodeJS.ProcessEnv): void {
  const what = environment['AWS_ENDPOINT_URL'] ? undefined : proxyObstacle(environment);
  if (what !== undefined) throw new Failure('NoProxy', { what, next: 'run Nx with one of these, or a later one' });
}

/**
 * An HTTP proxy for container registries alone, whatever `NO_PROXY` says of AWS's host names. A registry is found by
 * the host name in an image's address and not by `AWS_ENDPOINT_URL`: if that names another endpoint than AWS, this is
 * the way to the registries of that endpoint.
 */
function registryProxy({ NX_CDK_REGISTRY_PROXY: proxy }: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  return proxy ? { HTTPS_PROXY: proxy, https_proxy: proxy } : undefined;
}

/** All that are trusted; undefined if they are Node's own. @throws Failure `CaFile` */
export function certificateAuthorities(environment: NodeJS.ProcessEnv): string[] | undefined {
  const own = [CA_FILE_VARIABLE, 'AWS_CA_BUNDLE'].flatMap((variable) => {
    const file = environment[variable];
    return file ? [readCertificates(variable, file)] : [];
  });
  // Without `ca`, Node takes its own defaults, NODE_EXTRA_CA_CERTS included; with it, only what is named here.
  return own.length === 0 ? undefined : [...trustedCertificates(environment), ...own];
}

/** Parsed to say what is wrong: TLS takes a file without certificates in silence. */
function readCertificates(variable: string, file: string): string {
  try {
    const certificates = readFileSync(file, 'utf8');
    new X509Certificate(certificates);
    return certificates;
  } catch (cause) {
    const what = `The certificate file ${file} that ${variable} names cannot be read, or holds no certificate`;
    throw new Failure('CaFile', { what, next: 'correct the variable, or start what writes the file' }, { cause });
  }
}
