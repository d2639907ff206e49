import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CI, createStack, statement } from '../publish/accounts.ts';
import type { TestBed } from './test-bed.ts';

/** What a caller may do. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Makes a role in the CI account that may do this and nothing else, and gives back what a process needs to work as that
 * role.
 *
 * @param name of the role
 */
export async function callerWhoMayOnly(
  bed: TestBed,
  name: string,
  ...permissions: readonly Permission[]
): Promise<Record<string, string>> {
  const Policies = permissions.map(({ actions, resources }, index) => ({
    PolicyName: `permission-${index}`,
    PolicyDocument: statement({ Action: actions, Resource: resources }),
  }));
  const AssumeRolePolicyDocument = statement({ Principal: { AWS: CI.account }, Action: 'sts:AssumeRole' });
  const Role = { Type: 'AWS::IAM::Role', Properties: { RoleName: name, AssumeRolePolicyDocument, Policies } };
  await createStack(bed.local, CI, `Caller-${name}`, JSON.stringify({ Resources: { Role } }));
  const sts = new STSClient({
    region: CI.region,
    endpoint: bed.local.endpoint,
    credentials: bed.local.credentialsFor(CI.account),
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(bed.local.caFile) }) }),
  });
  const command = new AssumeRoleCommand({
    RoleArn: `arn:aws:iam::${CI.account}:role/${name}`,
    RoleSessionName: 'test',
  });
  const { Credentials: keys } = await sts.send(command);
  sts.destroy();
  return {
    ...bed.environment(),
    AWS_ACCESS_KEY_ID: keys!.AccessKeyId!,
    AWS_SECRET_ACCESS_KEY: keys!.SecretAccessKey!,
    AWS_SESSION_TOKEN: keys!.SessionToken!,
  };
}

/** Permission to assume a bootstrap role in one account and region. */
export function mayAssume(
  role: 'file-publishing' | 'deploy',
  { account, region }: { readonly account: string; readonly region: string },
): Permission {
  return {
    actions: ['sts:AssumeRole'],
    resources: [`arn:aws:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`],
  };
}
