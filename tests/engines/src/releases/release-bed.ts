import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand, ListChangeSetsCommand } from '@aws-sdk/client-cloudformation';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { describeRelease, type ReleaseManifest, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import {
  callerWhoMayOnly,
  CI,
  mayAssume,
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  type Permission,
  type Place,
  PROD,
  rootClients,
  rootOf,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';

/** Credentials and endpoint of a process. */
export type Caller = Readonly<Record<string, string>>;

/** What came of an executor. */
export interface Run {
  readonly code: number;
  readonly output: string;
  readonly events: readonly ProgressEvent[];
}

/** A release of the app below, in the workspace of the bed. */
export interface TestRelease {
  /** Folder of its assembly, absolute and as the executors are told. */
  readonly directory: string;
  readonly assembly: string;
  readonly manifest: ReleaseManifest;
  readonly stackNames: readonly string[];
}

/** Accounts, a workspace, and a key that signs releases. */
export interface ReleaseBed {
  readonly bed: TestBed;
  readonly workspace: NxWorkspace;
  /** ARN. */
  readonly key: string;
  /** May publish files to both accounts and sign. */
  readonly publisher: Caller;
  /** May deploy to both accounts and verify. */
  readonly deployer: Caller;
  /** S3 as an administrator of the account, who may do everything. */
  readonly s3: S3Client;
  run(
    executor: 'publish' | 'deploy' | 'bootstrap' | 'plan' | 'diff' | 'destroy' | 'rollback' | 'refactor',
    release: TestRelease,
    caller: Caller,
    options?: object,
  ): Promise<Run>;
  newKey(): Promise<string>;
  caller(name: string, ...permissions: readonly Permission[]): Promise<Caller>;
  /** S3 and ECR with the keys of a role of the account. */
  as(role: string): Promise<{ readonly s3: S3Client; readonly ecr: ECRClient }>;
  /** Fails if a stack of the release is there, even one that only holds a change set. */
  expectNoStack(release: TestRelease): Promise<void>;
  /** The status of each stack, when it was updated last, and the change sets that wait. */
  changesOf(release: TestRelease): Promise<object[]>;
  close(): Promise<void>;
}

export const BUCKET = `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`;

/** Who assumes roles of both accounts. */
export function assuming(role: 'file-publishing' | 'deploy'): Permission[] {
  return [STAGING, PROD].map((place) => mayAssume(role, place));
}

export async function openReleaseBed(): Promise<ReleaseBed> {
  const bed = await openTestBed({ bootstrapped: true });
  try {
    const workspace = await nxWorkspace(join(bed.folder, 'workspace'));
    const kms = new KMSClient(rootOf(bed.local, CI));
    const newKey = async () => {
      const command = new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
      return (await kms.send(command)).KeyMetadata!.Arn!;
    };
    const key = await newKey();
    const s3 = rootClients(bed.local, STAGING).s3();
    const caller = (name: string, ...permissions: readonly Permission[]) =>
      callerWhoMayOnly(bed.local, name, ...permissions);
    const using = (action: string): Permission => ({ actions: [action], resources: [key] });
    const [publisher, deployer] = await Promise.all([
      caller('releases-publisher', ...assuming('file-publishing'), using('kms:Sign')),
      caller('releases-deployer', ...assuming('deploy'), using('kms:Verify')),
    ]);
    return {
      bed,
      workspace,
      key,
      publisher,
      deployer,
      s3,
      newKey,
      caller,
      run: async (executor, { assembly }, environment, options = {}) => {
        const step = [executor, { assembly, json: true, ...options }] as const;
        const { code, output } = await startExecutors(workspace.root, [step], environment).ended;
        return { code, output: textOf(output), events: eventsOf(output) };
      },
      as: async (role) => {
        const RoleArn = `arn:aws:iam::${STAGING.account}:role/${role}`;
        const sts = rootClients(bed.local, STAGING).sts();
        const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
        const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
        const credentials = {
          accessKeyId: AccessKeyId!,
          secretAccessKey: SecretAccessKey!,
          sessionToken: SessionToken!,
        };
        const config = { ...rootOf(bed.local, STAGING), credentials };
        return { s3: new S3Client({ ...config, forcePathStyle: true }), ecr: new ECRClient(config) };
      },
      expectNoStack: async ({ stackNames }) => {
        for (const StackName of stackNames) {
          const looking = rootClients(bed.local, STAGING)
            .cloudFormation()
            .send(new DescribeStacksCommand({ StackName }));
          await expect(looking).rejects.toThrow(`${StackName} does not exist`);
        }
      },
      changesOf: async ({ stackNames }) => {
        const client = rootClients(bed.local, STAGING).cloudFormation();
        return Promise.all(
          stackNames.map(async (StackName) => {
            const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
            const { Summaries: changeSets } = await client.send(new ListChangeSetsCommand({ StackName }));
            return { status: stack!.StackStatus, updated: stack!.LastUpdatedTime, changeSets };
          }),
        );
      },
      close: async () => {
        kms.destroy();
        s3.destroy();
        await bed.close();
      },
    };
  } catch (error) {
    await bed.close();
    throw error;
  }
}

export interface ReleaseOptions {
  readonly env?: Place;
  /** Another number is another release of the same stacks. @default 30 */
  readonly visibility?: number;
  /** Without release records, as another tool leaves it. @default true */
  readonly manifest?: boolean;
}

/**
 * Synthesizes two stacks in one account: `Data` has a file for an asset, and `Service`, which depends on it, a folder
 * that is zipped.
 */
export async function makeRelease(
  { bed, workspace }: Pick<ReleaseBed, 'bed' | 'workspace'>,
  name: string,
  { env = STAGING, visibility = 30, manifest = true }: ReleaseOptions = {},
): Promise<TestRelease> {
  const folder = join(bed.folder, 'sources', name);
  mkdirSync(join(folder, 'handler', 'lib'), { recursive: true });
  writeFileSync(join(folder, 'settings.txt'), `settings of ${name}`);
  writeFileSync(join(folder, 'handler', 'index.mjs'), `export const handler = () => '${name}';\n`);
  writeFileSync(join(folder, 'handler', 'lib', 'more.mjs'), 'export const more = 1;\n');
  const stackNames = [`${name}-Data`, `${name}-Service`];
  return synthesize({ bed, workspace }, name, { stackNames, manifest }, (app) => {
    const data = new Stack(app, 'Data', { env, stackName: stackNames[0] });
    const queue = new CfnQueue(data, 'Queue', { visibilityTimeout: visibility });
    const text = new Asset(data, 'Text', { path: join(folder, 'settings.txt') });
    new CfnOutput(data, 'Settings', { value: text.s3ObjectKey });
    const service = new Stack(app, 'Service', { env, stackName: stackNames[1] });
    new CfnQueue(service, 'Jobs', { visibilityTimeout: visibility });
    new CfnOutput(service, 'Uses', { value: queue.attrArn });
    const handler = new Asset(service, 'Handler', { path: join(folder, 'handler') });
    new CfnOutput(service, 'Code', { value: handler.s3ObjectKey });
  });
}

/**
 * Synthesizes an app into a folder of the workspace, and closes the synthesis with a release manifest, as `nx synth`
 * does.
 */
export async function synthesize(
  { bed, workspace }: Pick<ReleaseBed, 'bed' | 'workspace'>,
  name: string,
  { stackNames, manifest = true }: { readonly stackNames: readonly string[]; readonly manifest?: boolean },
  build: (app: App) => void,
): Promise<TestRelease> {
  const built = synth(join(bed.folder, 'synthesized', name), name, build);
  const assembly = `${name}.out`;
  const directory = join(workspace.app, assembly);
  rmSync(directory, { recursive: true, force: true });
  cpSync(built.directory, directory, { recursive: true });
  const described = await describeRelease(readAssembly(directory), { tools: {} });
  if (manifest) await writeReleaseManifest(directory, described);
  return { directory, assembly, manifest: described, stackNames };
}

/** What an executor said, without its JSON. */
function textOf(output: string): string {
  return output
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{')) return line;
      const event = JSON.parse(line) as ProgressEvent;
      if (event.type === 'message') return event.level === 'debug' ? '' : `${event.level}: ${event.text}`;
      return event.type === 'item-finished' ? `${event.id}: ${event.outcome} ${event.detail ?? ''}` : '';
    })
    .filter(Boolean)
    .join('\n');
}

function eventsOf(output: string): ProgressEvent[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ProgressEvent);
}
