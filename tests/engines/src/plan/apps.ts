import { CfnOutput, CfnParameter, CfnResource, Fn, RemovalPolicy, type App, Stack } from 'aws-cdk-lib/core';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter as CfnSsmParameter } from 'aws-cdk-lib/aws-ssm';
import { STAGING } from 'test-bed';

export interface ShopOptions {
  /** Another number is a change of both stacks. @default 30 */
  readonly visibility?: number;
  /** Key of the table; another one replaces it. @default id */
  readonly key?: string;
  /** Whether the bucket is there still. @default true */
  readonly bucket?: boolean;
  /** What the role may do with the queue. @default sqs:SendMessage */
  readonly actions?: readonly string[];
  /** Whether the template of the stack `Data` is too large for a request. @default false */
  readonly large?: boolean;
}

/** A stack that keeps data, and one with a role, that uses an export of it. */
export function shop(
  name: string,
  { visibility = 30, key = 'id', bucket = true, actions = ['sqs:SendMessage'], large = false }: ShopOptions = {},
) {
  return (app: App): void => {
    const data = new Stack(app, 'Data', { env: STAGING, stackName: `${name}-Data` });
    if (large) data.templateOptions.metadata = { filling: 'x'.repeat(60_000) };
    new CfnTable(data, 'Orders', {
      keySchema: [{ attributeName: key, keyType: 'HASH' }],
      attributeDefinitions: [{ attributeName: key, attributeType: 'S' }],
      billingMode: 'PAY_PER_REQUEST',
    });
    if (bucket) new CfnBucket(data, 'Uploads').applyRemovalPolicy(RemovalPolicy.RETAIN);
    const queue = new CfnQueue(data, 'Queue', { visibilityTimeout: visibility });
    const service = new Stack(app, 'Service', { env: STAGING, stackName: `${name}-Service` });
    new CfnQueue(service, 'Jobs', { visibilityTimeout: visibility });
    const role = new CfnRole(service, 'Role', {
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
    });
    new CfnPolicy(service, 'Policy', {
      policyName: 'send',
      roles: [role.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: actions, Resource: queue.attrArn }],
      },
    });
  };
}

export interface SettingsOptions {
  /** A setting whose name is taken fails its stack. */
  readonly taken?: string;
  /** @default 1 */
  readonly version?: number;
}

/** A stack that succeeds, and one after it that fails as long as the name of its setting is taken. */
export function settings(name: string, { taken, version = 1 }: SettingsOptions = {}) {
  return (app: App): void => {
    const first = new Stack(app, 'First', { env: STAGING, stackName: `${name}-First` });
    new CfnQueue(first, 'Queue', { visibilityTimeout: version });
    const second = new Stack(app, 'Second', { env: STAGING, stackName: `${name}-Second` });
    second.addStackDependency(first);
    const queue = new CfnQueue(second, 'Queue', { visibilityTimeout: version });
    if (taken === undefined) return;
    new CfnSsmParameter(second, 'Taken', { type: 'String', name: taken, value: 'ours' }).addResourceDependency(queue);
  };
}

/** A stack with a copy of a parameter in SSM, which somebody else keeps. */
export function configured(name: string, ssmName: string, visibility = 30) {
  return (app: App): void => {
    const stack = new Stack(app, 'Configured', { env: STAGING, stackName: `${name}-Configured` });
    const theirs = new CfnParameter(stack, 'Theirs', { type: 'AWS::SSM::Parameter::Value<String>', default: ssmName });
    new CfnSsmParameter(stack, 'Copy', { type: 'String', value: theirs.valueAsString });
    new CfnQueue(stack, 'Other', { visibilityTimeout: visibility });
  };
}

/** A stack with secrets: a parameter whose value is given, and one whose default is in the template. */
export function secretive(name: string, visibility = 30) {
  return (app: App): void => {
    const stack = new Stack(app, 'Secret', { env: STAGING, stackName: `${name}-Secret` });
    const given = new CfnParameter(stack, 'Password', { noEcho: true });
    const kept = new CfnParameter(stack, 'Token', { noEcho: true, default: 'default-of-the-token' });
    const size = new CfnParameter(stack, 'Size', { default: 'small' });
    new CfnSsmParameter(stack, 'Setting', {
      type: 'String',
      value: Fn.join(' ', [given.valueAsString, kept.valueAsString, size.valueAsString]),
    });
    new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { VisibilityTimeout: visibility } });
    new CfnOutput(stack, 'Is', { value: size.valueAsString });
  };
}
