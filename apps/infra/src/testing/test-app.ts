import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack, type Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { OrdersStage, type OrdersStageProps } from '../orders-stage.ts';

// CDK leaves the assemblies of tests behind.
const folder = mkdtempSync(join(tmpdir(), 'infra-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app as the CDK CLI would start it: with the feature flags of cdk.json, which change templates. */
function testApp(): App {
  return new App({ context: cdkJson.context, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
}

/** Two accounts and regions, for tests. */
export const TARGETS = [
  { account: '111111111111', region: 'eu-west-1' },
  { account: '222222222222', region: 'us-east-1' },
] as const;

/** An environment with one target, or as told, for tests. */
export function testStage(props: Partial<OrdersStageProps> = {}, id = 'staging'): OrdersStage {
  return new OrdersStage(testApp(), id, { targets: [TARGETS[0]], keepData: false, ...props });
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
