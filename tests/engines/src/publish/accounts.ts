import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { LocalAws } from 'local-aws';
import { Agent } from 'node:https';

/** Accounts of the tests: one that publishes from, and two that are published to. */
export const CI = { account: '123456789012', region: 'eu-west-1' };
export const STAGING = { account: '111111111111', region: 'eu-west-1' };
export const PROD = { account: '222222222222', region: 'us-east-1' };

/**
 * Bootstraps both workload accounts with CDK's own template, and makes the CI account's roles: one that may publish,
 * one that may deploy.
 */
export async function setUpAccounts(local: LocalAws): Promise<void> {
  const mayAssume = (name: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: statement({ Principal: { AWS: CI.account }, Action: 'sts:AssumeRole' }),
      Policies: [
        {
          PolicyName: 'assume',
          PolicyDocument: statement({
            Action: 'sts:AssumeRole',
            Resource: `arn:aws:iam::*:role/cdk-hnb659fds-${name}-role-*`,
          }),
        },
      ],
    },
  });
  await Promise.all([
    ...[STAGING, PROD].map((environment) => bootstrap(local, environment)),
    createStack(
      local,
      CI,
      'Callers',
      JSON.stringify({
        Resources: {
          Publisher: mayAssume('file-publishing'),
          ImagePublisher: mayAssume('image-publishing'),
          Deployer: mayAssume('deploy'),
        },
      }),
    ),
  ]);
}

/** Bootstraps one account and region with CDK's own template, with trust for the CI account. */
export async function bootstrap(local: LocalAws, environment: { account: string; region: string }): Promise<void> {
  const file = join(
    createRequire(import.meta.url).resolve('aws-cdk/package.json'),
    '../lib/api/bootstrap/bootstrap-template.yaml',
  );
  await createStack(local, environment, 'CDKToolkit', await readFile(file, 'utf8'), {
    TrustedAccounts: CI.account,
    CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
}

/** Credentials of a caller in the CI account that may assume only roles of one kind. */
export async function callerWhoMay(
  local: LocalAws,
  kind: 'file-publishing' | 'image-publishing' | 'deploy',
): Promise<AwsCredentialIdentity> {
  const sts = new STSClient(rootOf(local, CI));
  const answer = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${CI.account}:role/${kind}`, RoleSessionName: 'test' }),
  );
  sts.destroy();
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken };
}

/** S3 as the root of an account, with which tests look at, and spoil, what is in the buckets. */
export function rootS3(local: LocalAws, environment: { account: string; region: string }): S3Client {
  return new S3Client(rootOf(local, environment));
}

export async function createStack(
  local: LocalAws,
  environment: { account: string; region: string },
  name: string,
  template: string,
  parameters: Record<string, string> = {},
): Promise<void> {
  const client = new CloudFormationClient(rootOf(local, environment));
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: template,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  );
  await waitUntilStackCreateComplete({ client, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 }, { StackName: name });
  client.destroy();
}

export function statement(fields: object): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...fields }] };
}

const agents = new Map<string, Promise<Agent>>();

export function rootOf(local: LocalAws, { account, region }: { account: string; region: string }) {
  const requestHandler = agentOf(local).then((httpsAgent) => new NodeHttpHandler({ httpsAgent }));
  return {
    region,
    endpoint: local.endpoint,
    credentials: local.credentialsFor(account),
    requestHandler: { handle: async (...args: never) => (await requestHandler).handle(...(args as [never])) } as never,
  };
}

function agentOf(local: LocalAws): Promise<Agent> {
  const known = agents.get(local.caFile) ?? readFile(local.caFile).then((ca) => new Agent({ ca, keepAlive: false }));
  agents.set(local.caFile, known);
  return known;
}
