import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, organizationRole, region } from './testing/clients.ts';

const ci = '123456789012';
let folder: string;
let aws: LocalAws;
let clients: ReturnType<typeof clientsOf>;
let client: cloudFormation.CloudFormationClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
  aws = await startInstance({ directory: folder, managementAccount: ci, region });
  clients = clientsOf(aws);
  client = clients.cloudFormation(await clients.assume(organizationRole('111111111111'), aws.credentialsFor(ci)));
});

afterAll(async () => {
  await aws?.stop();
  clients?.destroy();
  await rm(folder, { recursive: true, force: true });
});

test('an export that another stack imports is neither removed nor changed, and its stack is not deleted', async () => {
  const value = (text: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: text } });
  const exporting = (outputs: object) => JSON.stringify({ Resources: { One: value('one') }, Outputs: outputs });
  const used = { Value: { Ref: 'One' }, Export: { Name: 'used' } };
  const unused = { Value: 'x', Export: { Name: 'unused' } };
  const stack = async (name: string) =>
    (await client.send(new cloudFormation.DescribeStacksCommand({ StackName: name }))).Stacks![0]!;
  const update = async (StackName: string, TemplateBody: string) => {
    await client.send(new cloudFormation.UpdateStackCommand({ StackName, TemplateBody }));
    for (;;) {
      const { StackStatus } = await stack(StackName);
      if (!StackStatus!.endsWith('_IN_PROGRESS')) return StackStatus;
    }
  };
  const reasons = async (StackName: string) => {
    const { StackEvents } = await client.send(new cloudFormation.DescribeStackEventsCommand({ StackName }));
    return StackEvents!.map((event) => [event.ResourceStatus, event.ResourceStatusReason]);
  };
  await deploy(client, 'exporter', JSON.parse(exporting({ used, unused })));
  await deploy(client, 'importer', { Resources: { Two: value({ 'Fn::ImportValue': 'used' }) } });

  expect(await update('exporter', exporting({ unused }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasons('exporter')).toContainEqual([
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'Export used cannot be deleted as it is in use by importer',
  ]);
  expect(await update('exporter', exporting({ used: { ...used, Value: 'other' } }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasons('exporter')).toContainEqual([
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'Export used cannot be updated as it is in use by importer',
  ]);
  await client.send(new cloudFormation.DeleteStackCommand({ StackName: 'exporter' }));
  expect((await stack('exporter')).StackStatusReason).toMatch(/^Delete canceled. Cannot delete export used as it is/);

  // What nobody imports may go, and another stack may export it then.
  expect(await update('exporter', exporting({ used }))).toBe('UPDATE_COMPLETE');
  await deploy(client, 'second', JSON.parse(exporting({ unused })));
  expect(await update('second', exporting({ unused, used }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await reasons('second')).toContainEqual([
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'Export with name used is already exported by stack exporter.',
  ]);
});
