import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { type LocalAws, startInstance } from './index.ts';
import { clientsOf, deploy, organizationRole, region } from './testing/clients.ts';

const ci = '123456789012';
const workload = '111111111111';

describe('a stack is described as AWS does', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let client: cloudFormation.CloudFormationClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: ci, region });
    clients = clientsOf(aws);
    client = clients.cloudFormation(await clients.assume(organizationRole(workload), aws.credentialsFor(ci)));
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  test('the value of a parameter of SSM is its name there', async () => {
    const Resources = {
      Kept: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/kept', Value: '1' } },
    };
    await deploy(client, 'kept', { Resources });
    const { stack } = await deploy(client, 'reads', {
      Parameters: {
        Kept: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/kept' },
        Plain: { Type: 'String', Default: 'x' },
      },
      Resources: { Copy: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Kept' } } } },
    });
    expect(stack.Parameters).toEqual([
      { ParameterKey: 'Kept', ParameterValue: '/kept', ResolvedValue: '1' },
      { ParameterKey: 'Plain', ParameterValue: 'x' },
    ]);
  });

  test('topics of a stack stay until others are named, and a change of them alone is a change', async () => {
    const Resources = { Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'one' } } };
    const StackName = 'topics';
    await deploy(client, StackName, { Resources });
    const topics = async () => {
      const answer = await client.send(new cloudFormation.DescribeStacksCommand({ StackName }));
      return answer.Stacks![0]!.NotificationARNs;
    };
    const update = (more: object) =>
      client.send(new cloudFormation.UpdateStackCommand({ StackName, UsePreviousTemplate: true, ...more }));
    const execute = async (ChangeSetName: string, more: object) => {
      const input = { StackName, ChangeSetName, UsePreviousTemplate: true, ...more };
      await client.send(new cloudFormation.CreateChangeSetCommand(input));
      await client.send(new cloudFormation.ExecuteChangeSetCommand({ StackName, ChangeSetName }));
      const until = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
      await cloudFormation.waitUntilStackUpdateComplete(until, { StackName });
    };
    const [one, other] = ['one', 'other'].map((name) => `arn:aws:sns:${region}:${workload}:${name}`) as [
      string,
      string,
    ];

    await update({ NotificationARNs: [one] });
    expect(await topics()).toEqual([one]);
    await expect(update({ NotificationARNs: [one] })).rejects.toThrow('No updates are to be performed.');

    const changed = { Parameter: { ...Resources.Parameter, Properties: { Type: 'String', Value: 'two' } } };
    const TemplateBody = JSON.stringify({ Resources: changed });
    await execute('template', { UsePreviousTemplate: undefined, TemplateBody });
    expect(await topics()).toEqual([one]);
    await execute('others', { NotificationARNs: [one, other] });
    expect(await topics()).toEqual([one, other]);
    await execute('none', { NotificationARNs: [] });
    expect((await topics()) ?? []).toEqual([]);
  });
});
