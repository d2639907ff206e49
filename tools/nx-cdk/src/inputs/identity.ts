import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Variables that say whose credentials there are; none of them is a secret. */
const IDENTITY = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'],
  ...['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_ENDPOINT_URL'],
];

const REGION = ['AWS_REGION', 'AWS_DEFAULT_REGION'];

/** What the default account and region of an app follow from, without asking AWS: the inputs of a cached synthesis. */
export function identityOf(environment: NodeJS.ProcessEnv): readonly string[] {
  if (environment['CDK_DEFAULT_ACCOUNT'] && environment['CDK_DEFAULT_REGION']) return [];
  const variables = [...IDENTITY, ...REGION].map((name) => environment[name] ?? '');
  return [
    ...variables,
    ...profileFiles(environment).map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')),
  ];
}

/** Whether an environment names credentials, or an endpoint that has its own. */
export function namesCredentials(environment: NodeJS.ProcessEnv): boolean {
  return IDENTITY.some((name) => environment[name]);
}

/** Without any of these, the SDK would look for the service of an EC2 instance, and wait for it. */
export function hasCredentials(environment: NodeJS.ProcessEnv): boolean {
  return namesCredentials(environment) || profileFiles(environment).some((file) => existsSync(file));
}

function profileFiles(environment: NodeJS.ProcessEnv): string[] {
  return [
    environment['AWS_CONFIG_FILE'] || join(homedir(), '.aws', 'config'),
    environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials'),
  ];
}
