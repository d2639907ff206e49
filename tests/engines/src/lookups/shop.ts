import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CI, type NxWorkspace, type Place, statement } from 'test-bed';

/** An app that looks up a parameter and the availability zones of each place that its context names. */
const APP = `
import { App, CfnOutput, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
const app = new App({ analyticsReporting: false });
const lookupRoleArn = app.node.tryGetContext('lookupRoleArn');
for (const env of app.node.tryGetContext('places')) {
  const synthesizer = lookupRoleArn && new DefaultStackSynthesizer({ lookupRoleArn });
  const stack = new Stack(app, 'Shop-' + env.account, { env, synthesizer });
  new CfnQueue(stack, 'Queue');
  new CfnOutput(stack, 'Size', { value: StringParameter.valueFromLookup(stack, '/shop/size') });
  new CfnOutput(stack, 'Zones', { value: stack.availabilityZones.join() });
}
`;

/** The app, and its files. */
export class Shop {
  readonly #folder: string;

  constructor({ app }: Pick<NxWorkspace, 'app'>) {
    this.#folder = app;
  }

  /** Starts over with these places, without a committed value. */
  async give(places: readonly Place[], cdkJson: object = {}): Promise<void> {
    await rm(join(this.#folder, 'cdk.context.json'), { force: true });
    await writeFile(join(this.#folder, 'app.mjs'), APP);
    await this.writeCdkJson({ app: 'node app.mjs', context: { places }, ...cdkJson });
  }

  async writeCdkJson(content: object): Promise<void> {
    await writeFile(join(this.#folder, 'cdk.json'), JSON.stringify(content));
  }

  /** Text of `cdk.context.json`; undefined if there is none. */
  async context(): Promise<string | undefined> {
    return readFile(join(this.#folder, 'cdk.context.json'), 'utf8').catch(() => undefined);
  }
}

/** Key of the app's parameter in a place, as the CDK writes it. */
export function parameterKey({ account, region }: Place): string {
  return `ssm:account=${account}:parameterName=/shop/size:region=${region}`;
}

/** Key of the availability zones of a place. */
export function zonesKey({ account, region }: Place): string {
  return `availability-zones:account=${account}:region=${region}`;
}

/**
 * Makes a role in the CI account that may assume whatever trusts it, and returns the environment of a process that
 * works with it.
 */
export async function callerNamed(local: LocalAws, name: string): Promise<Record<string, string>> {
  const config = {
    region: CI.region,
    endpoint: local.endpoint,
    credentials: local.credentialsFor(CI.account),
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(local.caFile) }) }),
  };
  const [iam, sts] = [new IAMClient(config), new STSClient(config)];
  const trust = statement({ Principal: { AWS: CI.account }, Action: 'sts:AssumeRole' });
  const policy = statement({ Action: 'sts:AssumeRole', Resource: '*' });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(
    new PutRolePolicyCommand({ RoleName: name, PolicyName: 'assume', PolicyDocument: JSON.stringify(policy) }),
  );
  const { Credentials: session } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${CI.account}:role/${name}`, RoleSessionName: 'test' }),
  );
  iam.destroy();
  sts.destroy();
  return {
    AWS_ACCESS_KEY_ID: session!.AccessKeyId!,
    AWS_SECRET_ACCESS_KEY: session!.SecretAccessKey!,
    AWS_SESSION_TOKEN: session!.SessionToken!,
  };
}
