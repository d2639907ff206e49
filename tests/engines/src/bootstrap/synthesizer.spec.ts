import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { targetsOfAssembly } from 'nx-cdk/src/bootstrap/index.ts';
import { deploy } from 'nx-cdk/src/deploy/index.ts';
import { publish } from 'nx-cdk/src/publish/index.ts';
import { CI, STAGING } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { ADMIN, BootstrapBed, outcomes } from './bootstrap-bed.ts';

let bed: BootstrapBed;

beforeAll(async () => {
  bed = await BootstrapBed.open();
});

afterAll(() => bed?.close());

test('a target is prepared for the qualifier of the app’s synthesizer, so that the app can be deployed', async () => {
  // given
  const assembly = synth(bed.folder, 'qualified', (app) => {
    const synthesizer = new DefaultStackSynthesizer({ qualifier: 'abc123' });
    new CfnTopic(new Stack(app, 'Qualified', { env: STAGING, synthesizer }), 'Topic');
  });
  const aws = bed.connect(CI.account);
  const dependencies = { aws, listener: () => {} };
  const stacks = ['Qualified'];
  const { stacks: refused } = await deploy({ assembly, stacks }, dependencies);
  expect(refused[0]!.failure?.code).toBe('AssumeRoleDenied');

  // when
  const targets = await targetsOfAssembly(assembly, aws, { trust: [CI.account], executionPolicies: [ADMIN] });
  const { report } = await bed.run({ targets });

  // then
  expect(outcomes(report)).toEqual(['created']);
  expect(report.targets[0]!.toolkitStackName).toBe('CDKToolkit-abc123');
  const again = bed.connect(CI.account);
  expect(await publish(assembly, { ...dependencies, aws: again })).toMatchObject({ success: true });
  expect(await deploy({ assembly, stacks }, { ...dependencies, aws: again })).toMatchObject({ success: true });
  const client = await bed.connect(STAGING.account).cloudFormation(STAGING);
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'Qualified' }));
  expect(Stacks![0]!.StackStatus).toBe('CREATE_COMPLETE');
});
