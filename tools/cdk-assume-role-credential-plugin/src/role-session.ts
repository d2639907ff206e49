import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import type { SDKv3CompatibleCredentials } from '@aws-cdk/cli-plugin-contract';
import { roleArn, roleSessionName } from '@nx-cdk/environments';
import { proxyObstacle, trustedCertificates } from '@nx-cdk/processes';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Purpose } from './role-names.ts';

/** Who assumes roles, and in which region. */
export interface Caller {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Profile of the caller. @default - the standard chain of the SDK finds the credentials */
  readonly profile?: string;
}

/** A role by name in an account, and what it is for. */
export interface Role {
  readonly account: string;
  readonly name: string;
  readonly purpose: Purpose;
}

export type AssumeRole = (role: Role) => Promise<SDKv3CompatibleCredentials>;

/** Makes the function that assumes roles, as the caller and in the caller's region. */
export function assumeRoleAs(caller: Caller): AssumeRole {
  let settings: ReturnType<typeof settingsFor> | undefined;
  return async ({ account, name, purpose }) => {
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const { region, ...rest } = await (settings ??= settingsFor(caller));
    const params = {
      // Credentials are good in one partition only: that of the caller's region.
      RoleArn: roleArn({ account, region }, name),
      RoleSessionName: sessionName(purpose, caller.environment),
    };
    return fromTemporaryCredentials({
      clientConfig: { region, ...rest },
      masterCredentials: rest.credentials,
      params,
    })();
  };
}

async function settingsFor(caller: Caller) {
  const { environment = process.env, profile } = caller;
  const { fromEnv, fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  const region = await callerRegion(caller);
  const requestHandler = requestHandlerFor(environment);
  const endpoint = environment['AWS_ENDPOINT_URL_STS'] || environment['AWS_ENDPOINT_URL'];
  // Keys next to an endpoint are for that endpoint; a profile that the shell names is for AWS.
  const isForEndpoint = endpoint && profile === undefined && environment['AWS_ACCESS_KEY_ID'];
  const chain = fromNodeProviderChain({ profile, clientConfig: { region, requestHandler } });
  const credentials = isForEndpoint && environment['AWS_SECRET_ACCESS_KEY'] ? fromEnv() : chain;
  return { region, requestHandler, credentials, ...(endpoint && { endpoint }) };
}

/**
 * The region whose STS is asked: the caller's. `AWS_DEFAULT_REGION` is no variable of this SDK, but one of the CDK and
 * the AWS CLI.
 */
export async function callerRegion({ environment = process.env, profile }: Caller): Promise<string> {
  const named = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (named) return named;
  const { STSClient } = await import('@aws-sdk/client-sts');
  const region = new STSClient({ profile }).config.region as () => Promise<string>;
  return region().catch(() => 'us-east-1');
}

/**
 * Connections that trust the certificate authorities of the environment (`NODE_EXTRA_CA_CERTS` included, by Node) and
 * go through its proxy; but never to this machine, which no proxy can reach.
 *
 * @throws Error if a named file cannot be read, or this Node cannot use the proxy
 */
function requestHandlerFor(environment: NodeJS.ProcessEnv): NodeHttpHandler {
  const certificates = ['AWS_CA_BUNDLE', 'NX_CDK_CA_FILE'].flatMap((name) => {
    const file = environment[name];
    return file ? [readFileSync(file, 'utf8')] : [];
  });
  const noProxy = [environment['no_proxy'] || environment['NO_PROXY'], '127.0.0.1', 'localhost', '::1']
    .filter(Boolean)
    .join(',');
  const obstacle = proxyObstacle(environment);
  if (obstacle !== undefined) throw new Error(`${obstacle}.`);
  const options = {
    // Kept alive, an idle socket would keep a process for a moment that has nothing left to do.
    keepAlive: false,
    proxyEnv: { ...environment, NO_PROXY: noProxy, no_proxy: noProxy },
    ...(certificates.length > 0 && { ca: [...trustedCertificates(environment), ...certificates] }),
  };
  return new NodeHttpHandler({ connectionTimeout: 10_000, httpsAgent: new Agent(options) });
}

/** `CDK_ROLE_SESSION_NAME`, as in the CDK CLI, or who it was and what for. */
export function sessionName(purpose: Purpose, environment: NodeJS.ProcessEnv = process.env): string {
  return roleSessionName(`cdk-${purpose}`, environment['CDK_ROLE_SESSION_NAME']);
}
