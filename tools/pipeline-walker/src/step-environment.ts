import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { registerSecret } from 'nx-cdk/progress';

/** What a step of a pipeline runs with. */
export interface StepEnvironmentOptions {
  /** Of the role of the step. @default - none: a step that asks AWS fails */
  readonly credentials?: AwsCredentialIdentity;
  readonly region?: string;
  /** Home folder, so that the caller's `~/.aws` is not used; absolute. */
  readonly home: string;
  /** These win over all others. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What any program needs, how this machine reaches the network, and what builds container images on it. */
const NEEDED =
  /^(PATH|CDK_DOCKER|DOCKER_HOST|CONTAINER_HOST|XDG_RUNTIME_DIR|TMPDIR|LANG|LANGUAGE|LC_[A-Z]+|TERM|(https?|no|all|HTTPS?|NO|ALL)_(proxy|PROXY)|npm_config_.+|NPM_CONFIG_.+)$/;

/** Where AWS is, and which certificates are trusted. */
const PLACE =
  /^(AWS_ENDPOINT_URL(_[A-Z0-9_]+)?|NX_CDK_CA_FILE|NX_CDK_REGISTRY_PROXY|AWS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|AWS_EC2_METADATA_DISABLED)$/;

/** What npm sets for the command that it runs; another npm below would use it as its own. */
const OF_OUTER_NPM = /^npm_config_(local_prefix|global_prefix|workspaces?|include_workspace_root|package|call|yes)$/i;

/** Folders of programs of the workspace that the caller is in; a build machine has only those of the step itself. */
const OF_OUTER_WORKSPACE = /[\\/]node_modules[\\/]\.bin$|[\\/]node-gyp-bin$/;

/**
 * The environment of a step that runs on this machine in a role of its own. It lists what a step gets, not what it does
 * not get: an outer Nx, an outer npm and the caller's shell set variables that would change what the step does, and the
 * caller's credentials would hide a permission that its role lacks. Secrets are masked from now on.
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
  const path = (outer['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return {
    ...npmUserConfig(outer),
    ...Object.fromEntries(taken),
    PATH: path.filter((folder) => !OF_OUTER_WORKSPACE.test(folder)).join(delimiter),
    HOME: home,
    CI: 'true',
    ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...(credentials && variablesOf(credentials)),
    ...variables,
  };
}

function variablesOf({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentialIdentity): Record<string, string> {
  registerSecret(secretAccessKey);
  if (sessionToken !== undefined) registerSecret(sessionToken);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** The user's own file, which npm would look for in the other home folder, may name a private registry. */
function npmUserConfig(outer: NodeJS.ProcessEnv): Record<string, string> {
  const file = join(outer['HOME'] ?? homedir(), '.npmrc');
  return existsSync(file) ? { npm_config_userconfig: file } : {};
}
