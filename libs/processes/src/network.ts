import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';

/**
 * The certificate authorities that Node trusts by default, `NODE_EXTRA_CA_CERTS` included. With a list of one's own,
 * Node trusts that list alone.
 */
export function trustedCertificates(environment: NodeJS.ProcessEnv = process.env): string[] {
  // Since Node 22.15, which also knows the authorities of the system (--use-system-ca).
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? [...tls.rootCertificates, ...extraCertificates(environment)];
}

/** As Node does, which warns of a file that cannot be read and goes on. */
function extraCertificates({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  try {
    return file ? [readFileSync(file, 'utf8')] : [];
  } catch {
    return [];
  }
}

/**
 * Why requests cannot take the proxy that the environment names. Agents of Node have `proxyEnv` since 22.21 and 24.5
 * (https://nodejs.org/api/http.html#new-agentoptions); an older one would leave the proxy out without a word.
 *
 * @returns a sentence without its full stop; undefined if there is no proxy, or Node can use it
 */
export function proxyObstacle(environment: NodeJS.ProcessEnv, node = process.versions.node): string | undefined {
  const variable = ['https_proxy', 'HTTPS_PROXY'].find((name) => environment[name]);
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const canUse = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  return variable === undefined || canUse
    ? undefined
    : `${variable} names a proxy, and Node ${node} cannot use one: Node 22.21 and 24.5 can`;
}
