import { join } from 'node:path';
import { NX_VERSION, readJsonFile } from '@nx/devkit';

/** What generated code needs besides our own packages and Nx's, in the versions that this repository is tested with. */
export const TESTED_VERSIONS = {
  '@aws-sdk/client-dynamodb': '^3.1162.0',
  '@aws-sdk/client-sqs': '^3.1169.0',
  '@swc/core': '^1.16.18',
  '@swc/jest': '^0.2.39',
  '@types/aws-lambda': '^8.10.164',
  '@types/jest': '^30.0.0',
  '@types/node': '^24.19.2',
  'aws-cdk-lib': '^2.273.0',
  'cdk-nag': '^3.0.2',
  constructs: '^10.8.1',
  esbuild: '^0.28.2',
  jest: '^30.5.2',
  typescript: '^6.0.3',
} as const;

/** A package that generators may add to a workspace. */
export type PackageName = keyof typeof TESTED_VERSIONS | 'nx-cdk' | `@nx-cdk/${string}` | `@nx/${string}`;

/**
 * What a workspace's `package.json` asks of a package: our own are of the version that runs, Nx's of the minor version
 * of the workspace's own Nx.
 */
export function versionOf(name: PackageName): string {
  if (name === 'nx-cdk' || name.startsWith('@nx-cdk/')) return ownVersion();
  if (name.startsWith('@nx/')) return sameMinor(NX_VERSION);
  return TESTED_VERSIONS[name as keyof typeof TESTED_VERSIONS];
}

/**
 * Any patch of a minor version: not each patch of Nx has an `@nx/devkit`. A wider range would not do: npm would put an
 * `@nx/devkit` of the next major version beside it.
 */
export function sameMinor(version: string): string {
  const [, minor] = /^(\d+\.\d+)\.\d+$/.exec(version) ?? [];
  return minor === undefined ? version : `~${minor}.0`;
}

function ownVersion(): string {
  const manifest = join(import.meta.dirname, '..', '..', 'package.json');
  return readJsonFile<{ version: string }>(manifest).version;
}
