/**
 * The third step of a least-privilege deployment with nothing but CloudFormation's own API, as `aws cloudformation
 * deploy` does it: for each stack in turn create a change set, wait, execute it, wait. `node change-sets.ts
 * <assembly>`; kinder than the AWS CLI in two ways: one session an account instead of one a stack, and it looks every
 * second instead of every five.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

interface Artifact {
  readonly type: string;
  readonly environment: string;
  readonly properties: Record<
    'stackName' | 'stackTemplateAssetObjectUrl' | 'assumeRoleArn' | 'cloudFormationExecutionRoleArn',
    string
  >;
}

const text = readFileSync(join(process.argv[2] ?? 'cdk.out', 'manifest.json'), 'utf8');
const { artifacts } = JSON.parse(text.replaceAll('${AWS::Partition}', 'aws')) as {
  artifacts: Record<string, Artifact>;
};
const clients = new Map<string, CloudFormationClient>();
const everySecond = { minDelay: 1, maxDelay: 1, maxWaitTime: 600 };

for (const [id, { type, environment, properties }] of Object.entries(artifacts))
  if (type === 'aws:cloudformation:stack') await deploy(id, environment.split('/').at(-1)!, properties);

async function deploy(id: string, region: string, properties: Artifact['properties']): Promise<void> {
  const client = clientFor(properties.assumeRoleArn, region);
  const stack = { StackName: properties.stackName ?? id };
  const exists = await client.send(new DescribeStacksCommand(stack)).then(
    () => true,
    () => false,
  );
  const changeSet = { ...stack, ChangeSetName: `deploy-${Date.now()}` };
  await client.send(
    new CreateChangeSetCommand({
      ...changeSet,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      TemplateURL: properties.stackTemplateAssetObjectUrl.replace('s3://', `https://s3.${region}.amazonaws.com/`),
      RoleARN: properties.cloudFormationExecutionRoleArn,
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    }),
  );
  try {
    await waitUntilChangeSetCreateComplete({ client, ...everySecond }, changeSet);
  } catch (error) {
    const { StatusReason } = await client.send(new DescribeChangeSetCommand(changeSet));
    if (!/didn't contain changes|No updates are to be performed/.test(StatusReason ?? '')) throw error;
    await client.send(new DeleteChangeSetCommand(changeSet));
    return;
  }
  await client.send(new ExecuteChangeSetCommand(changeSet));
  const untilDone = exists ? waitUntilStackUpdateComplete : waitUntilStackCreateComplete;
  await untilDone({ client, ...everySecond }, stack);
}

function clientFor(RoleArn: string, region: string): CloudFormationClient {
  const params = { RoleArn, RoleSessionName: 'change-sets' };
  const credentials = fromTemporaryCredentials({ params, clientConfig: { region } });
  const client = clients.get(RoleArn) ?? new CloudFormationClient({ region, credentials });
  clients.set(RoleArn, client);
  return client;
}
