import type { PackageName } from '../workspace/index.ts';

/** What a CDK app in TypeScript runs with, and what its types and tests are checked with. */
export const APP_PACKAGES: readonly PackageName[] = [
  '@nx-cdk/constructs',
  '@swc/core',
  '@swc/jest',
  '@types/jest',
  '@types/node',
  'aws-cdk-lib',
  'constructs',
  'jest',
  'typescript',
];
