import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Stack } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { ownerOfInstance, stackOwner } from 'nx-cdk/src/cloudformation/index.ts';
import { CI, STAGING, startExecutors } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { killAt, type Moment } from '../bed/kill.ts';
import { ship } from '../bed/ship.ts';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';

/*
 * `reap` in a process that is killed.
 */

let bed: PlanBed;

const HOUR = 3_600_000;
const OPTIONS = { environmentsFile: 'environments.json', yes: true };

/** Deploys an instance of two stacks, of which one imports from the other. */
async function deployInstance(instance: string, expiresAt: number, project = 'shop'): Promise<void> {
  const nameOf = (stack: string) => `${project}-${instance}-${stack}`;
  const assembly = synth(bed.bed.folder, `${project}-${instance}`, (app) => {
    const data = new Stack(app, 'Data', { env: STAGING, stackName: nameOf('Data') });
    const service = new Stack(app, 'Service', { env: STAGING, stackName: nameOf('Service') });
    new CfnQueue(service, 'Jobs', {
      redrivePolicy: { deadLetterTargetArn: new CfnQueue(data, 'Dead').attrArn, maxReceiveCount: 3 },
    });
  });
  const owner = ownerOfInstance(stackOwner('scratch', project), { instance, expiresAt });
  const { deployed } = await ship(assembly, { environment: bed.bed.environment(), owner });
  expect(deployed.success).toBe(true);
}

// Given an instance that is still wanted, and one of another app that has expired
beforeAll(async () => {
  bed = await openPlanBed();
  const environments = [{ name: 'sandbox', instances: true, targets: [STAGING] }];
  writeFileSync(join(bed.root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
  await deployInstance('ben', Date.now() + HOUR);
  await deployInstance('ada', Date.now() - HOUR, 'other');
});

afterAll(() => bed?.close());

const STAYING = ['CDKToolkit', 'other-ada-Data', 'other-ada-Service', 'shop-ben-Data', 'shop-ben-Service'];

async function namesThere(): Promise<string[]> {
  const { Stacks = [] } = await bed.admin.send(new DescribeStacksCommand({}));
  return Stacks.map(({ StackName }) => StackName!).toSorted();
}

const started = (environment: Record<string, string>) => startExecutors(bed.root, [['reap', OPTIONS]], environment);

test.each<Moment & { readonly left: readonly string[] }>([
  { request: 'cloudformation:GetTemplate', left: ['shop-ada-Data', 'shop-ada-Service'] },
  { request: 'cloudformation:DeleteStack', left: ['shop-ada-Data'] },
  { request: 'cloudformation:DeleteStack', nth: 2, left: [] },
])(
  'killed at %j, it deletes nothing that was not shown, and the next run does the rest',
  async ({ left, ...moment }) => {
    // given
    await deployInstance('ada', Date.now() - HOUR);
    const proxy = await bed.bed.proxy();
    const { AWS_ENDPOINT_URL: url } = bed.bed.environment(proxy);

    // when
    const output = await killAt(moment, proxy, () => started({ ...bed.deployer, AWS_ENDPOINT_URL: url! }));

    // then
    expect(await namesThere()).toEqual([...STAYING, ...left].toSorted());
    if (left.length < 2) expect(output).toMatch(/shop-ada-Service[^]*shop-ada-Data/);
    expect(output).not.toMatch(/ben|other/);

    // and when it is run again
    const again = await started(bed.deployer).ended;

    // then
    expect(again).toMatchObject({ code: 0 });
    expect(await namesThere()).toEqual(STAYING);
    // and once more there is nothing to do
    expect(await started(bed.deployer).ended).toMatchObject({
      code: 0,
      output: expect.stringContaining('No instance has expired.'),
    });
  },
);
