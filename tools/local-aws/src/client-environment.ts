import { writeFile, rename } from 'node:fs/promises';
import { instanceFiles } from './locations.ts';
import { localSecret } from './server-process.ts';

/** What a client needs to know of an instance. */
export interface ClientTarget {
  readonly endpoint: string;
  /** The proxy that leads to its registries. */
  readonly registryProxy: string;
  readonly directory: string;
  /** Whose root key the client gets. */
  readonly account: string;
  readonly region: string;
}

/**
 * The variables that point this workspace's tools at an instance. The certificate goes in a variable of our own:
 * NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE are set on many machines, and a variable that is set in the shell wins over an
 * env file.
 */
export function clientEnvironment(target: ClientTarget): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: target.endpoint,
    AWS_ACCESS_KEY_ID: target.account,
    AWS_SECRET_ACCESS_KEY: localSecret,
    AWS_REGION: target.region,
    // Nothing may go to the address of the EC2 metadata service for credentials or a region.
    AWS_EC2_METADATA_DISABLED: 'true',
    NX_CDK_CA_FILE: instanceFiles(target.directory).authority,
    // Not HTTPS_PROXY, which would lead everything else astray; container tools want it as HTTPS_PROXY for a push or
    // pull alone.
    NX_CDK_REGISTRY_PROXY: target.registryProxy,
    // Hands out sessions of roles that trust a service (shim/local_aws/service_sessions.py). Whoever knows it may be
    // any service, as whoever knows the endpoint may be any account's root user: both listen on the loopback address
    // only.
    NX_CDK_SERVICE_SESSIONS: `${target.endpoint}/_local-aws/service-session`,
  };
}

/**
 * The same for programs that know nothing of this workspace, such as `aws` and `cdk`: the CDK CLI reads both of the CA
 * variables.
 */
export function foreignClientEnvironment(target: ClientTarget): Record<string, string> {
  const files = instanceFiles(target.directory);
  return {
    ...clientEnvironment(target),
    AWS_DEFAULT_REGION: target.region,
    AWS_CA_BUNDLE: files.bundle,
    NODE_EXTRA_CA_CERTS: files.extraAuthorities,
  };
}

/** Variables that would win over ours where they are set: a profile hides the keys, a session token spoils them. */
const hindrances = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];

/** Lines for `eval "$(...)"` in a POSIX shell. */
export function shellExports(variables: Record<string, string>, environment: NodeJS.ProcessEnv = process.env): string {
  const unset = hindrances.filter((name) => environment[name] !== undefined);
  return [
    ...(unset.length ? [`unset ${unset.join(' ')}`] : []),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
  ].join('\n');
}

function shellQuote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * Writes the file that Nx loads for `-c local-aws`. It stays when the instance stops, so that a later run meets an
 * endpoint that does not answer, and never real AWS.
 */
export async function writeEnvFile(file: string, variables: Record<string, string>): Promise<void> {
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}=${/[\s#"'$\\]/.test(value) ? JSON.stringify(value) : value}`,
  );
  const header = '# Written by `nx run local-aws:start`; loaded by Nx for `-c local-aws`.';
  await writeFile(`${file}.new`, [header, ...lines, ''].join('\n'), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
