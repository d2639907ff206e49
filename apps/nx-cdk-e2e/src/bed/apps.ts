import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, CfnParameter, Stack, Tags } from 'aws-cdk-lib/core';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import type { Place } from './test-bed.ts';

export interface ChainOptions {
  readonly env: Place;
  /** Seconds; another number is a change of both stacks. @default 30 */
  readonly visibility?: number;
}

/** A small app with everything that a deployment handles: an asset, a parameter, tags, an export that a second stack imports, and termination protection. */
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
