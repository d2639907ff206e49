import { rename, rm, writeFile } from 'node:fs/promises';
import { instanceFiles } from './locations.ts';
import type { RunningInstance } from './running-instance.ts';

/** An instance, as the root user of an account uses it in a region. */
export interface ClientTarget extends Pick<RunningInstance, 'endpoint' | 'registryProxy' | 'directory' | 'secret'> {
  readonly account: string;
  readonly region: string;
}

/**
 * The variables that point this workspace's tools at an instance. The certificate has a variable of its own:
 * NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE are set on many machines, and the shell's variables win over an env file.
 */
export function clientEnvironment(target: ClientTarget): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: target.endpoint,
    // What failures name if it does not answer: the file that holds these variables stays when the instance stops.
    NX_CDK_ENDPOINT_START: 'npx local-aws start',
    AWS_ACCESS_KEY_ID: target.account,
    AWS_SECRET_ACCESS_KEY: target.secret,
    AWS_REGION: target.region,
    // The EC2 metadata service is not asked for credentials or a region.
    AWS_EC2_METADATA_DISABLED: 'true',
    NX_CDK_CA_FILE: instanceFiles(target.directory).authority,
    // Not HTTPS_PROXY, which would misdirect everything else; container tools get it as HTTPS_PROXY for a push or pull.
    NX_CDK_REGISTRY_PROXY: target.registryProxy,
    // Hands out sessions of roles that trust a service (shim/local_aws/service_sessions.py), to who knows the secret.
    NX_CDK_SERVICE_SESSIONS: `${target.endpoint}/_local-aws/service-session`,
    NX_CDK_SERVICE_SESSIONS_SECRET: target.secret,
  };
}

/** The same for other programs, such as `aws` and `cdk`: the CDK CLI reads both of the CA variables. */
export function foreignClientEnvironment(target: ClientTarget): Record<string, string> {
  const files = instanceFiles(target.directory);
  return {
    ...clientEnvironment(target),
    AWS_DEFAULT_REGION: target.region,
    AWS_CA_BUNDLE: files.bundle,
    NODE_EXTRA_CA_CERTS: files.extraAuthorities,
  };
}

/** Variables that would win over ours: a profile hides the keys, a session token spoils them. */
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
 * Writes the file that Nx loads for `-c local-aws`. It stays when the instance stops, so that a later run finds an
 * endpoint that does not answer, and never real AWS.
 */
export async function writeEnvFile(file: string, variables: Record<string, string>): Promise<void> {
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}=${/[\s#"'$\\]/.test(value) ? JSON.stringify(value) : value}`,
  );
  const header =
    '# Written by `local-aws start`; loaded by Nx for `-c local-aws`. It holds a secret: keep it out of git.';
  await rm(`${file}.new`, { force: true });
  // `wx`: the mode counts for a file that this makes, and not for one that is there.
  await writeFile(`${file}.new`, [header, ...lines, ''].join('\n'), { mode: 0o600, flag: 'wx' });
  await rename(`${file}.new`, file);
}
