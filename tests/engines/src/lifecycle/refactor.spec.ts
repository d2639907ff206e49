import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { PROD, rootClients, STAGING } from 'test-bed';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';

/*
 * What comes before CloudFormation is asked to move anything, which the local AWS cannot. The requests are in the unit
 * tests of the room `refactor`.
 */

let bed: PlanBed;
/** The assembly of the app as it is now. */
let now: string;

interface Names {
  readonly queue: string;
  /** Whether the topic is in the other stack. */
  readonly moved?: boolean;
}

/** A queue that another stack uses, and a topic that sends to a queue of the other stack. */
const shop =
  ({ queue: id, moved = false }: Names) =>
  (app: App) => {
    const data = new Stack(app, 'Data', { env: STAGING, stackName: 'Refactor-Data' });
    const service = new Stack(app, 'Service', { env: STAGING, stackName: 'Refactor-Service' });
    const queue = new Queue(data, id);
    const topic = new Topic(moved ? service : data, 'Orders', { displayName: 'orders' });
    new Queue(data, 'Stays', { fifo: true });
    topic.addSubscription(new SqsSubscription(new Queue(service, 'Jobs', { maxMessageSizeBytes: 2048 })));
    new CfnOutput(service, 'Uses', { value: queue.queueArn });
  };

beforeAll(async () => {
  bed = await openPlanBed();
  await bed.ship(await bed.release('was', shop({ queue: 'Old' })));
  now = await bed.release('now', shop({ queue: 'New' }));
});

afterAll(() => bed?.close());

const states = () => bed.states('Refactor-Data', 'Refactor-Service');

test('a dry run shows what has moved, with nothing but the deploy role, and nothing changes', async () => {
  const before = await states();
  const { code, output } = await bed.run('refactor', { assembly: now, dryRun: true, report: 'moves.json' });
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/1 target: 1 planned/) });
  expect(output).toMatch(/AWS::SQS::Queue: Refactor-Data\.Old\w+ -> Refactor-Data\.New\w+$/m);
  const report = JSON.parse(readFileSync(join(bed.root, 'moves.json'), 'utf8')) as { targets: object[] };
  expect(report.targets).toMatchObject([
    { target: '111111111111/eu-west-1', outcome: 'planned', moves: [{ resourceType: 'AWS::SQS::Queue' }] },
  ]);
  expect(await states()).toEqual(before);
});

test('a resource that comes to another stack with all that it has to pass on is a move', async () => {
  const moved = await bed.release('moved', shop({ queue: 'Old', moved: true }));
  const { code, output } = await bed.run('refactor', { assembly: moved, dryRun: true });
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/AWS::SNS::Topic: Refactor-Data\.Orders\w+ -> Refactor-Service\.Orders\w+$/m);
  // CDK names a subscription by both.
  expect(output).toMatch(/AWS::SNS::Subscription: Refactor-Service\.\w+ -> Refactor-Service\.\w+$/m);
  expect(output).toMatch(/would move 2 resources/);
});

test('where nobody can be asked, nothing moves without a word for it', async () => {
  const { code, output } = await bed.run('refactor', { assembly: now });
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/There is no terminal.*add --yes/) });
});

test('what the emulator lacks is told as what AWS refuses, and nothing has moved', async () => {
  const before = await states();
  const { code, output } = await bed.run('refactor', { assembly: now, yes: true });
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/1 target: 1 failed/) });
  expect(output).not.toContain('Run nx deploy');
  expect(await states()).toEqual(before);
});

test('a deploy role that may not refactor is named, with the permission and what to do', async () => {
  // given
  const iam = rootClients(bed.bed.local, STAGING).iam();
  const policy = {
    RoleName: `cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`,
    PolicyName: 'no-refactoring',
  };
  const Statement = [{ Effect: 'Deny', Action: 'cloudformation:CreateStackRefactor', Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));

  // when
  const { code, output } = await bed.run('refactor', { assembly: now, yes: true });
  await iam.send(new DeleteRolePolicyCommand(policy));

  // then
  expect({ code, output }).toMatchObject({ code: 1 });
  expect(output).toMatch(/deploy-role-111111111111-eu-west-1.* may not cloudformation:CreateStackRefactor/);
  expect(output).toContain('run nx bootstrap');
});

test('a target that the environments file does not have is not looked at', async () => {
  const ci = { account: '123456789012', region: 'eu-west-1' };
  const environments = [{ name: 'prod', targets: [PROD] }];
  writeFileSync(join(bed.root, 'environments.json'), JSON.stringify({ ci, environments }));
  const { code, output } = await bed.run('refactor', {
    assembly: now,
    environmentsFile: 'environments.json',
    dryRun: true,
  });
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/sends it to 111111111111/) });
  expect(output).not.toContain('->');
});
