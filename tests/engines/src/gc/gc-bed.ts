import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { GarbageRoleStack } from '@nx-cdk/constructs';
import { type Environments, readEnvironments } from '@nx-cdk/environments';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { GarbageReport, GarbageRequest } from 'nx-cdk/src/gc/index.ts';
import { CI, rootClients, STAGING } from 'test-bed';
import { type Caller, openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from '../releases/release-bed.ts';
import { collectLater } from './collect-later.ts';

/** Releases, and somebody who collects what they leave, with the role of required-resources. */
export interface GarbageBed extends ReleaseBed {
  /** May assume the role for garbage, and nothing else. */
  readonly collector: Caller;
  readonly environmentsFile: string;
  /** Collects as if it were some days later. */
  collect(days: number, request?: Partial<GarbageRequest>): Promise<GarbageReport>;
}

export async function openGarbageBed(): Promise<GarbageBed> {
  const bed = await openReleaseBed();
  const file = join(bed.workspace.root, 'environments.json');
  const targets = [{ name: 'staging', targets: [STAGING] }];
  writeFileSync(file, JSON.stringify({ ci: CI, garbageCollection: true, environments: targets }));
  const environments = readEnvironments(file);
  await makeRole(bed, environments);
  const arn = `arn:aws:iam::${STAGING.account}:role/nx-cdk-gc`;
  const collector = await bed.caller('collector', { actions: ['sts:AssumeRole'], resources: [arn] });
  return {
    ...bed,
    collector,
    environmentsFile: file,
    collect: (days, request = {}) => collectLater(environments, days, request, collector),
  };
}

/** Deploys the stack with the role, as required-resources has it. */
async function makeRole({ bed }: ReleaseBed, environments: Environments): Promise<void> {
  const app = new App({ outdir: join(bed.folder, 'role.out'), analyticsReporting: false });
  const { stackName, artifactId } = new GarbageRoleStack(app, { target: STAGING, environments });
  const { template } = app.synth().getStackArtifact(artifactId);
  const client = rootClients(bed.local, STAGING).cloudFormation();
  const input = { StackName: stackName, TemplateBody: JSON.stringify(template) };
  await client.send(new CreateStackCommand({ ...input, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  await waitUntilStackCreateComplete({ client, minDelay: 1, maxDelay: 2, maxWaitTime: 60 }, { StackName: stackName });
}

/** A stack with a file, of which each version is another one. */
export function versioned(folder: string, name: string, version: number): (app: App) => void {
  return (app) => {
    mkdirSync(join(folder, name), { recursive: true });
    const path = join(folder, name, `${version}.txt`);
    writeFileSync(path, `version ${version} of ${name}`);
    const stack = new Stack(app, name, { env: STAGING, stackName: name });
    new CfnQueue(stack, 'Queue', { visibilityTimeout: version });
    new CfnOutput(stack, 'File', { value: new Asset(stack, 'Asset', { path }).s3ObjectKey });
  };
}

/** A release of the app of the workspace. */
export function shop(bed: ReleaseBed, version: number): Promise<TestRelease> {
  const build = versioned(bed.bed.folder, 'Shop', version);
  return synthesize(bed, `Shop${version}`, { stackNames: ['Shop'] }, build);
}

/** The keys of the file of a release, and of its template. */
export function keysOf({ manifest }: Pick<TestRelease, 'manifest'>): string[] {
  return manifest.assets.map(({ id, path }) => `${id}.${path!.split('.').at(-1)}`);
}
