import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '../index.ts';
import { localRequest } from '../local-request.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export const region = 'eu-west-1';

export const organizationRole = (account: string) => `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`;

/** What the specs do with an instance, as real SDK clients that trust its certificate. */
export function clientsOf(aws: LocalAws) {
  const agent = new Agent({ ca: readFileSync(aws.caFile) });
  const config = (credentials: Credentials, clientRegion = region) => ({
    region: clientRegion,
    endpoint: aws.endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpsAgent: agent }),
  });

  return {
    /** What any SDK client is made with. */
    config,
    /**
     * Asks for a session of a role as a service gets it: the credentials, or the status and the message of the refusal.
     */
    async serviceSession(request: object): Promise<{ status: number; message?: string; credentials: Credentials }> {
      const { NX_CDK_SERVICE_SESSIONS, NX_CDK_SERVICE_SESSIONS_SECRET } = aws.environment();
      const { pathname } = new URL(NX_CDK_SERVICE_SESSIONS!);
      const headers = { 'x-local-aws-secret': NX_CDK_SERVICE_SESSIONS_SECRET! };
      const answer = await localRequest(aws, pathname, { method: 'POST', headers, body: JSON.stringify(request) });
      const { AccessKeyId, SecretAccessKey, SessionToken, message } = JSON.parse(await answer.text());
      return {
        status: answer.status,
        message,
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      };
    },
    cloudFormation: (credentials: Credentials) => new cloudFormation.CloudFormationClient(config(credentials)),
    s3: (credentials: Credentials) => new S3Client(config(credentials)),
    whoAmI: (credentials: Credentials) => new STSClient(config(credentials)).send(new GetCallerIdentityCommand({})),
    async assume(roleArn: string, as: Credentials): Promise<Credentials> {
      const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'spec' });
      const { Credentials: issued } = await new STSClient(config(as)).send(command);
      return {
        accessKeyId: issued!.AccessKeyId!,
        secretAccessKey: issued!.SecretAccessKey!,
        sessionToken: issued!.SessionToken!,
      };
    },
    destroy: () => agent.destroy(),
  };
}

/** Creates a stack by a change set, or updates one, and returns what it became. */
export async function deploy(
  client: cloudFormation.CloudFormationClient,
  stackName: string,
  template: object,
  kind: 'CREATE' | 'UPDATE' = 'CREATE',
) {
  const change = await client.send(
    new cloudFormation.CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: `change-${Date.now()}`,
      ChangeSetType: kind,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      TemplateBody: JSON.stringify(template),
    }),
  );
  await client.send(new cloudFormation.ExecuteChangeSetCommand({ ChangeSetName: change.Id }));
  return { stack: await settled(client, stackName), changeSetId: change.Id };
}

/** The stack once nothing works on it any more. */
export async function settled(client: cloudFormation.CloudFormationClient, stackName: string) {
  for (;;) {
    const { Stacks } = await client.send(new cloudFormation.DescribeStacksCommand({ StackName: stackName }));
    if (!Stacks![0]!.StackStatus!.endsWith('IN_PROGRESS')) return Stacks![0]!;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
