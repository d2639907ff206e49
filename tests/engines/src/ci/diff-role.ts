import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';

/** What a role of an account can read, taken by a session of another one: `allowed`, or the name of the error. */
export async function readings(
  aws: LocalAws,
  session: AwsCredentialIdentity,
  { account, region }: { readonly account: string; readonly region: string },
  roleArn: string,
): Promise<Record<string, string>> {
  const connection = {
    endpoint: aws.endpoint,
    region,
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(aws.caFile) }) }),
  };
  const params = { RoleArn: roleArn, RoleSessionName: 'reading' };
  const credentials = fromTemporaryCredentials({ params, masterCredentials: session, clientConfig: connection });
  const options = { ...connection, credentials, forcePathStyle: true };
  const [stacks, objects] = [new CloudFormationClient(options), new S3Client(options)];
  const [parameters, tables] = [new SSMClient(options), new DynamoDBClient(options)];
  const Bucket = `cdk-hnb659fds-assets-${account}-${region}`;
  const reads: Record<string, () => Promise<unknown>> = {
    stack: () => stacks.send(new DescribeStacksCommand({ StackName: 'prod-Shop' })),
    objects: () => objects.send(new ListObjectsV2Command({ Bucket })),
    object: () => objects.send(new GetObjectCommand({ Bucket, Key: 'any' })),
    parameter: () => parameters.send(new GetParameterCommand({ Name: '/shop/revision' })),
    table: () => tables.send(new ScanCommand({ TableName: 'orders' })),
  };
  const outcomes: Record<string, string> = {};
  for (const [what, read] of Object.entries(reads)) {
    outcomes[what] = await read().then(
      () => 'allowed',
      ({ name }: Error) => name,
    );
  }
  for (const client of [stacks, objects, parameters, tables]) client.destroy();
  return outcomes;
}
