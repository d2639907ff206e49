/**
 * The third step of a least-privilege deployment with nothing but CloudFormation's own API, as `aws cloudformation
 * deploy` does it: for each stack in turn create a change set, wait, execute it, wait. `node change-sets.ts
 * <assembly>`; kinder than the AWS CLI in two ways: one session an account instead of one a stack, and it looks every
 * second instead of every five.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Capability,
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
  readonly properties: {
    readonly stackName?: string;
    readonly stackTemplateAssetObjectUrl: string;
    readonly assumeRoleArn: string;
    readonly cloudFormationExecutionRoleArn: string;
  };
}

const assembly = process.argv[2] ?? 'cdk.out';
const manifest = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as {
  artifacts: Record<string, Artifact>;
};
const clients = new Map<string, CloudFormationClient>();
const everySecond = { minDelay: 1, maxDelay: 1, maxWaitTime: 600 };
const capabilities: Capability[] = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];

for (const [id, { type, environment, properties }] of Object.entries(manifest.artifacts)) {
  if (type !== 'aws:cloudformation:stack') continue;
  const region = environment.split('/').at(-1)!;
  await deploy(clientFor(properties.assumeRoleArn, region), region, properties.stackName ?? id, properties);
}

async function deploy(client: CloudFormationClient, region: string, stack: string, properties: Artifact['properties']) {
  const exists = await client.send(new DescribeStacksCommand({ StackName: stack })).then(
    () => true,
    () => false,
  );
  const changeSet = { StackName: stack, ChangeSetName: `deploy-${Date.now()}` };
  await client.send(
    new CreateChangeSetCommand({
      ...changeSet,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      TemplateURL: properties.stackTemplateAssetObjectUrl.replace('s3://', `https://s3.${region}.amazonaws.com/`),
      RoleARN: partition(properties.cloudFormationExecutionRoleArn),
      Capabilities: capabilities,
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
  await untilDone({ client, ...everySecond }, { StackName: stack });
}

function clientFor(roleArn: string, region: string): CloudFormationClient {
  const known = clients.get(roleArn);
  if (known) return known;
  const credentials = fromTemporaryCredentials({
    params: { RoleArn: partition(roleArn), RoleSessionName: 'change-sets' },
    clientConfig: { region },
  });
  const client = new CloudFormationClient({ region, credentials });
  clients.set(roleArn, client);
  return client;
}

function partition(arn: string): string {
  return arn.replace('${AWS::Partition}', 'aws');
}
