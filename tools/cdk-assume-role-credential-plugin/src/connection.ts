import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { getCACertificates } from 'node:tls';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Variables that name a file of certificate authorities; `NODE_EXTRA_CA_CERTS` is Node's own business. */
const CA_VARIABLES = ['AWS_CA_BUNDLE', 'NX_CDK_CA_FILE'];

/**
 * Connections that trust what the environment says is to be trusted, and go through the proxy it names; but never to
 * this very machine, where no proxy can reach.
 *
 * @throws Error if a named file cannot be read
 */
export function requestHandler(environment: NodeJS.ProcessEnv): NodeHttpHandler {
  const files = CA_VARIABLES.map((name) => environment[name]).filter((file): file is string => Boolean(file));
  const noProxy = [environment['no_proxy'] || environment['NO_PROXY'], '127.0.0.1', 'localhost', '::1']
    .filter(Boolean)
    .join(',');
  return new NodeHttpHandler({
    // Milliseconds.
    connectionTimeout: 10_000,
    httpsAgent: new Agent({
      // Kept alive, an idle socket would keep a process for a moment that has nothing left to do.
      keepAlive: false,
      proxyEnv: { ...environment, NO_PROXY: noProxy, no_proxy: noProxy },
      ...(files.length === 0
        ? {}
        : { ca: [...getCACertificates('default'), ...files.map((file) => readFileSync(file, 'utf8'))] }),
    }),
  });
}
