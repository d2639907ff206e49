import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { LocalAws } from '@nx-cdk/local-aws';
import { bootstrap, createStack } from './bootstrap.ts';
import { CI, type Place, PROD, STAGING } from './landscape.ts';
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
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'assume', PolicyDocument: assuming(roles) }));
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
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'assume', PolicyDocument: assuming(roles) }));
  return role?.Arn ?? '';
}

function assuming(roles: readonly string[]): string {
  return policy({ Action: 'sts:AssumeRole', Resource: roles });
}

function policy(fields: object): string {
  return JSON.stringify(statement(fields));
}

/** A policy of one statement, which allows unless it says otherwise. */
export function statement(fields: object): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...fields }] };
}

/** What a caller may do. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Permission to assume a bootstrap role in one account and region. */
export function mayAssume(role: 'file-publishing' | 'deploy' | 'lookup', { account, region }: Place): Permission {
  return {
    actions: ['sts:AssumeRole'],
    resources: [`arn:aws:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`],
  };
}

/**
 * Makes a role in the CI account that may do this and nothing else, and returns the environment of a process that works
 * as it.
 */
export async function callerWhoMayOnly(
  aws: LocalAws,
  name: string,
  ...permissions: readonly Permission[]
): Promise<Record<string, string>> {
  const Role = roleOf(name, ...permissions);
  await createStack(aws, CI, `Caller-${name}`, JSON.stringify({ Resources: { Role } }));
  const { accessKeyId, secretAccessKey, sessionToken } = await sessionOf(aws, name);
  return {
    ...aws.environment(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

const CALLERS = ['file-publishing', 'image-publishing', 'deploy'] as const;

/**
 * Bootstraps the accounts of staging and prod with CDK's own template, and makes the CI account's roles: each may
 * assume the bootstrap roles of one kind.
 */
export async function setUpAccounts(aws: LocalAws): Promise<void> {
  const roles = CALLERS.map((kind) => [
    kind.replace('-', ''),
    roleOf(kind, { actions: ['sts:AssumeRole'], resources: [`arn:aws:iam::*:role/cdk-hnb659fds-${kind}-role-*`] }),
  ]);
  await Promise.all([
    ...[STAGING, PROD].map((place) => bootstrap(aws, place)),
    createStack(aws, CI, 'Callers', JSON.stringify({ Resources: Object.fromEntries(roles) })),
  ]);
}

/** Credentials of a caller in the CI account of {@link setUpAccounts} that may assume only roles of one kind. */
export function callerWhoMay(aws: LocalAws, kind: (typeof CALLERS)[number]): ReturnType<typeof sessionOf> {
  return sessionOf(aws, kind);
}

function roleOf(name: string, ...permissions: readonly Permission[]): object {
  const Policies = permissions.map(({ actions, resources }, index) => ({
    PolicyName: `permission-${index}`,
    PolicyDocument: statement({ Action: actions, Resource: resources }),
  }));
  const AssumeRolePolicyDocument = statement({ Principal: { AWS: CI.account }, Action: 'sts:AssumeRole' });
  return { Type: 'AWS::IAM::Role', Properties: { RoleName: name, AssumeRolePolicyDocument, Policies } };
}

async function sessionOf(aws: LocalAws, role: string) {
  const sts = rootClients(aws, CI).sts();
  const RoleArn = `arn:aws:iam::${CI.account}:role/${role}`;
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
  sts.destroy();
  const { AccessKeyId, SecretAccessKey, SessionToken } = keys!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}
