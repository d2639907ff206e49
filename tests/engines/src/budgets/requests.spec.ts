import { join } from 'node:path';
import type { AwsProxy } from 'aws-proxy';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import { describeRelease, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import { openTestBed, PROD, STAGING, startProcess, type TestBed } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { ship } from '../bed/ship.ts';

const STACKS = 40;
const CDK = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', '.bin', 'cdk');

let bed: TestBed;
let proxy: AwsProxy;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  proxy = await bed.proxy();
});

beforeEach(() => proxy.reset());

afterAll(async () => {
  await bed?.close();
});

/**
 * Small stacks in two accounts, as `nx synth` leaves them: what is published is recorded, and verified before it is
 * deployed.
 */
async function smallStacks(name: string): Promise<Assembly> {
  const assembly = synth(bed.folder, name, (app) => {
    for (let number = 1; number <= STACKS; number += 1) {
      const stack = new Stack(app, `${name}${number}`, { env: number % 2 ? STAGING : PROD });
      new CfnQueue(stack, 'Queue', { visibilityTimeout: number });
    }
  });
  await writeReleaseManifest(assembly.directory, await describeRelease(assembly, { tools: {} }));
  return assembly;
}

/** Publishes and deploys, and says how often the endpoint was asked for it. */
async function countedShipment(assembly: Assembly): Promise<{ requests: number; outcomes: string[] }> {
  const { published, deployed } = await ship(assembly, { environment: bed.environment(proxy) });
  expect(published.success).toBe(true);
  const actions = Map.groupBy(proxy.requests, ({ service, action }) => `${service}:${action}`);
  console.info(
    `${proxy.count()} requests for ${STACKS} stacks, ${proxy.count() / STACKS} a stack: ` +
      [...actions].map(([action, { length }]) => `${length} ${action}`).join(', '),
  );
  return { requests: proxy.count(), outcomes: [...new Set(deployed.stacks.map(({ outcome }) => outcome))] };
}

describe(`publish and deploy together, for ${STACKS} small stacks in two accounts`, () => {
  let assembly: Assembly;

  test('ask at most 9 times a stack to create them', async () => {
    assembly = await smallStacks('Cold');
    const { requests, outcomes } = await countedShipment(assembly);
    expect(outcomes).toEqual(['created']);
    expect(requests / STACKS).toBeLessThanOrEqual(9);
  });

  test('ask at most 1.3 times a stack to see that nothing has changed', async () => {
    const { requests, outcomes } = await countedShipment(assembly);
    expect(outcomes).toEqual(['unchanged']);
    expect(requests / STACKS).toBeLessThanOrEqual(1.3);
  });

  test('ask at most 2.2 times a stack, and 14 times more, to see that nothing has changed since the stock CDK CLI deployed them', async () => {
    // given
    const stock = await smallStacks('Stock');
    const args = ['deploy', '--app', stock.directory, '--all', '--concurrency', '10', '--require-approval', 'never'];
    const env = { PATH: process.env['PATH'] ?? '', HOME: bed.folder, ...bed.local.foreignEnvironment() };
    const quiet = { CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' };
    const { code, output } = await startProcess(CDK, args, { cwd: bed.folder, env: { ...env, ...quiet } }).ended;
    expect({ code, output }).toEndWith(0);

    // when
    const { requests, outcomes } = await countedShipment(stock);

    // then
    expect(outcomes).toEqual(['unchanged']);
    expect(requests).toBeLessThanOrEqual(2.2 * STACKS + 14);
  });
});
