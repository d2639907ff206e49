import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { registerSecret } from 'nx-cdk/progress';

/** What a step of a pipeline runs with. */
export interface StepEnvironmentOptions {
  /** Of the role that the step runs with; without them it has none. */
  readonly credentials?: AwsCredentialIdentity;
  readonly region?: string;
  /** The home folder: not the caller's, so that nobody's `~/.aws` has a say. Absolute. */
  readonly home: string;
  /** Wins over everything else. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What any program needs, how this machine reaches the network, and what builds container images on it. */
const NEEDED =
  /^(PATH|CDK_DOCKER|DOCKER_HOST|CONTAINER_HOST|XDG_RUNTIME_DIR|TMPDIR|LANG|LANGUAGE|LC_[A-Z]+|TERM|(https?|no|all|HTTPS?|NO|ALL)_(proxy|PROXY)|npm_config_.+|NPM_CONFIG_.+)$/;

/** Where AWS is, and whose certificates count. */
const PLACE =
  /^(AWS_ENDPOINT_URL(_[A-Z0-9_]+)?|NX_CDK_CA_FILE|NX_CDK_REGISTRY_PROXY|AWS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|AWS_EC2_METADATA_DISABLED)$/;

/** What npm sets for the command that it runs, and another npm below would take for its own. */
const OF_OUTER_NPM = /^npm_config_(local_prefix|global_prefix|workspaces?|include_workspace_root|package|call|yes)$/i;

/**
 * The environment of a step that runs on this machine in a role of its own. A list of what goes in and not of what
 * stays out: an outer Nx task, an outer npm and the caller's shell set variables that would change what the step does,
 * and the caller's credentials would hide a permission that its role lacks.
 *
 * @param outer the environment of this process
 */
export function stepEnvironment(
  outer: NodeJS.ProcessEnv,
  { credentials, region, home, variables }: StepEnvironmentOptions,
): Record<string, string> {
  const taken = Object.entries(outer).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (NEEDED.test(entry[0]) || PLACE.test(entry[0])) && !OF_OUTER_NPM.test(entry[0]),
  );
  return {
    ...npmUserConfig(outer),
    ...Object.fromEntries(taken),
    PATH: ownPath(outer['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'),
    HOME: home,
    CI: 'true',
    ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...(credentials === undefined ? {} : variablesOf(credentials)),
    ...variables,
  };
}

/** Access keys as variables that every AWS SDK reads. Masked from then on in whatever is shown. */
export function variablesOf(credentials: AwsCredentialIdentity): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  registerSecret(secretAccessKey);
  if (sessionToken !== undefined) registerSecret(sessionToken);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/**
 * Without the programs of the workspace that the caller is in: on a build machine, only those of the step's own folder
 * are there.
 */
function ownPath(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !/[\\/]node_modules[\\/]\.bin$|[\\/]node-gyp-bin$/.test(folder))
    .join(delimiter);
}

/** A private registry is named in the user's own file, which npm would look for in the other home. */
function npmUserConfig(outer: NodeJS.ProcessEnv): Record<string, string> {
  const file = join(outer['HOME'] ?? homedir(), '.npmrc');
  return existsSync(file) ? { npm_config_userconfig: file } : {};
}
