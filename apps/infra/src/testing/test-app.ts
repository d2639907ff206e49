import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from 'aws-cdk-lib';
import { leftOut } from '@nx-cdk/constructs';
import { App, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OrdersStage } from '../orders-stage.ts';
import { NAMED_FUNCTIONS } from '../service-stack.ts';

/** Feature flags change templates: a test without those of cdk.json would look at something that is never deployed. */
const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

// CDK leaves the assemblies of tests behind.
const folder = mkdtempSync(join(tmpdir(), 'infra-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app as the CDK CLI would start it. */
function testApp(): App {
  return new App({ context, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
}

/** Two accounts and regions, for tests. */
export const TARGETS = [
  { account: '111111111111', region: 'eu-west-1' },
  { account: '222222222222', region: 'us-east-1' },
] as const;

/** An environment with one target, or as told, for tests. */
export function testStage(
  props: Partial<ConstructorParameters<typeof OrdersStage>[2]> = {},
  id = 'staging',
): OrdersStage {
  return new OrdersStage(testApp(), id, { targets: [TARGETS[0]], removalPolicy: RemovalPolicy.DESTROY, ...props });
}

/** The stacks of an environment, in the order in which they were made. */
export function stacksOf(stage: Stage): Stack[] {
  return stage.node.children as Stack[];
}

/** Templates of the data and the service stack of an environment's first target. */
export function templatesOf(stage: Stage): { data: Template; service: Template } {
  const [data, service] = stacksOf(stage) as [Stack, Stack];
  return { data: Template.fromStack(data), service: Template.fromStack(service) };
}

/**
 * Ids of the named functions that are deployed: one is left out on a machine without Rust, one on a machine that
 * cannot build images.
 */
export const FUNCTIONS = Object.entries(NAMED_FUNCTIONS)
  .filter(([, asset]) => leftOut(asset) === undefined)
  .map(([id]) => id);
