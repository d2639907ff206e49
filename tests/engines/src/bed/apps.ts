import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudFormationClient, SignalResourceCommand } from '@aws-sdk/client-cloudformation';
import { App, CfnOutput, CfnParameter, CfnWaitCondition, Stack, Tags } from 'aws-cdk-lib/core';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import type { Place } from 'test-bed';

export interface ChainOptions {
  readonly env: Place;
  /** Seconds; another number is a change of both stacks. @default 30 */
  readonly visibility?: number;
}

/**
 * A small app with everything that a deployment handles: an asset, a parameter, tags, an export that a second stack
 * imports, and termination protection.
 */
export function chainApp(folder: string, name: string, { env, visibility = 30 }: ChainOptions): Assembly {
  return synth(folder, name, (app) => {
    const text = join(folder, `${name}.txt`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(text, name);
    const data = new Stack(app, 'Data', { env, stackName: `${name}-Data` });
    const queue = new CfnQueue(data, 'Queue', { visibilityTimeout: visibility });
    new CfnOutput(data, 'Is', { value: new CfnParameter(data, 'Size', { default: 'small' }).valueAsString });
    const service = new Stack(app, 'Service', { env, stackName: `${name}-Service`, terminationProtection: true });
    new CfnQueue(service, 'Jobs', { visibilityTimeout: visibility });
    new CfnOutput(service, 'Uses', { value: queue.attrArn });
    new CfnOutput(service, 'Text', { value: new Asset(service, 'Text_', { path: text }).s3ObjectKey });
    Tags.of(app).add('team', 'orders');
  });
}

/** Synthesizes an app, in this process, into a folder of its own. */
export function synth(folder: string, name: string, build: (app: App) => void, context = {}): Assembly {
  const outdir = join(folder, `${name}.out`);
  const app = new App({ outdir, analyticsReporting: false, context });
  build(app);
  app.synth();
  return readAssembly(outdir);
}

export interface GatedOptions {
  readonly env: Place;
  /**
   * How many gates the stack `Slow` has: each stands open only when a test has opened it. An update that adds one waits
   * for that one. @default 1
   */
  readonly gates?: number;
  /** Of the queue of the stack that depends on it, in seconds. @default 30 */
  readonly visibility?: number;
}

/** A stack whose creation takes as long as a test wants it to, and one that depends on it. */
export function gatedApp(folder: string, name: string, { env, gates = 1, visibility = 30 }: GatedOptions): Assembly {
  return synth(folder, name, (app) => {
    const slow = new Stack(app, 'Slow', { env, stackName: `${name}-Slow` });
    new CfnQueue(slow, 'Queue');
    for (let gate = 1; gate <= gates; gate += 1) {
      new CfnWaitCondition(slow, `Gate${gate}`).cfnOptions.creationPolicy = {
        resourceSignal: { count: 1, timeout: 'PT30M' },
      };
    }
    const after = new Stack(app, 'After', { env, stackName: `${name}-After` });
    new CfnQueue(after, 'Queue', { visibilityTimeout: visibility });
    after.addStackDependency(slow);
  });
}

/** Lets a stack of a `gatedApp` go on. */
export async function openGate(client: CloudFormationClient, name: string, gate = 1): Promise<void> {
  const command = new SignalResourceCommand({
    StackName: `${name}-Slow`,
    LogicalResourceId: `Gate${gate}`,
    UniqueId: 'test',
    Status: 'SUCCESS',
  });
  await client.send(command);
}
