import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { LocalAws } from 'local-aws';
import { CI } from './landscape.ts';
import { rootClients } from './local-clients.ts';

/** Access keys and the address they are for, as environment variables. */
export type Credentials = Readonly<Record<string, string>>;

/** The bootstrap roles that a step needs, as patterns of role ARNs in any account. */
export const ROLES = {
  publishing: [
    'arn:aws:iam::*:role/cdk-hnb659fds-file-publishing-role-*',
    'arn:aws:iam::*:role/cdk-hnb659fds-image-publishing-role-*',
  ],
  deploying: ['arn:aws:iam::*:role/cdk-hnb659fds-deploy-role-*'],
} as const;

/**
 * Makes a user in the CI account whose only permission is to assume some roles, and returns the environment of a step
 * that has the user's access key.
 */
export async function userWhoMayAssume(aws: LocalAws, name: string, roles: readonly string[]): Promise<Credentials> {
  const iam = rootClients(aws, CI).iam();
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'assume', PolicyDocument: mayAssume(roles) }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return {
    ...aws.environment(CI.account),
    AWS_ACCESS_KEY_ID: key?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: key?.SecretAccessKey ?? '',
  };
}

/**
 * Makes a role in the CI account that everybody there may assume if their own policy says so, and that may only assume
 * some roles; returns its ARN.
 */
export async function roleWhichMayAssume(aws: LocalAws, name: string, roles: readonly string[]): Promise<string> {
  const iam = rootClients(aws, CI).iam();
  const trust = { Principal: { AWS: `arn:aws:iam::${CI.account}:root` }, Action: 'sts:AssumeRole' };
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }),
  );
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'assume', PolicyDocument: mayAssume(roles) }));
  return role?.Arn ?? '';
}

function mayAssume(roles: readonly string[]): string {
  return policy({ Action: 'sts:AssumeRole', Resource: roles });
}

function policy(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
}
