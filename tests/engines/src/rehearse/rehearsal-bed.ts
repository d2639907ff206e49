import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';
import type { WalkReport } from '@nx-cdk/pipeline-walker';
import { sharedAws, type StartedProcess, startExecutors, temporaryFolder } from 'test-bed';
import { type PipelineOptions, pipelineTemplate } from './pipeline-template.ts';
import { STACK } from './template-parts.ts';

export const CI = '123456789012';
const REGION = 'eu-west-1';

/** An empty local AWS, and a repository of two commits with an app that has the pipeline. */
export interface RehearsalBed {
  readonly local: LocalAws;
  /** Absolute. */
  readonly workspace: string;
  /** Those of the root of the CI account. */
  readonly clients: { readonly s3: S3Client };
  /** Creates the stack of the pipeline. */
  deploy(options?: PipelineOptions): Promise<void>;
  /** Starts `nx rehearse`, without deploying anything. */
  start(options?: object, environment?: Readonly<Record<string, string>>): StartedProcess;
  /** The same, followed to its end. @throws Error if it writes no report */
  rehearse(options?: object): Promise<{ code: number; output: string; report: WalkReport }>;
  /** What the build `Ship` has put, if it has. */
  released(): Promise<string | undefined>;
  /** The messages of a log group. */
  logged(logGroupName: string): Promise<string[]>;
  /** What runs have left in the temporary folder. */
  leftovers(): string[];
  git(...args: string[]): string;
  close(): Promise<void>;
}

export async function openRehearsalBed(): Promise<RehearsalBed> {
  const folder = await temporaryFolder('rehearse-');
  const [workspace, temporary] = [join(folder, 'workspace'), join(folder, 'tmp')];
  const local = await sharedAws();
  const config = {
    region: REGION,
    endpoint: local.endpoint,
    credentials: local.credentialsFor(CI),
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(local.caFile) }) }),
  };
  const clients = {
    cloudFormation: new CloudFormationClient(config),
    ssm: new SSMClient(config),
    s3: new S3Client(config),
    logs: new CloudWatchLogsClient(config),
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace, encoding: 'utf8' }).trim();
  mkdirSync(temporary);
  writeWorkspace(workspace, git);
  const start: RehearsalBed['start'] = (options = {}, environment = {}) =>
    startExecutors(workspace, [['rehearse', { deploy: false, report: 'tmp/report.json', ...options }]], {
      ...local.environment(),
      TMPDIR: temporary,
      ...environment,
    });
  return {
    local,
    workspace,
    clients,
    git,
    start,
    deploy: async (options) => {
      const client = clients.cloudFormation;
      const TemplateBody = JSON.stringify(pipelineTemplate(options));
      await client.send(
        new CreateStackCommand({ StackName: STACK, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
      );
      await waitUntilStackCreateComplete({ client, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 }, { StackName: STACK });
    },
    rehearse: async (options) => {
      const file = join(workspace, 'tmp', 'report.json');
      await rm(file, { force: true });
      const { code, output } = await start(options).ended;
      if (!existsSync(file)) throw new Error(`No report:\n${output}`);
      return { code, output, report: JSON.parse(readFileSync(file, 'utf8')) as WalkReport };
    },
    released: async () =>
      (await clients.ssm.send(new GetParameterCommand({ Name: '/rehearsed/released' }))).Parameter?.Value,
    logged: async (logGroupName) => {
      const { events = [] } = await clients.logs.send(new FilterLogEventsCommand({ logGroupName }));
      return events.map(({ message }) => message ?? '');
    },
    leftovers: () => readdirSync(temporary).filter((name) => name.startsWith('nx-cdk-')),
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** How each action ended, by stage and name. */
export function outcomes({ actions }: WalkReport): Record<string, string> {
  return Object.fromEntries(actions.map(({ stage, action, outcome }) => [`${stage}/${action}`, outcome]));
}

/** A repository of two commits, with an app whose assembly names the stack of the pipeline. */
function writeWorkspace(workspace: string, git: RehearsalBed['git']): void {
  const assembly = join(workspace, 'apps', 'shop', 'cdk.out');
  mkdirSync(assembly, { recursive: true });
  const commit = (message: string) => {
    git('add', '--all');
    git('-c', 'user.name=test-bed', '-c', 'user.email=test-bed@example.com', 'commit', '--quiet', '-m', message);
  };
  writeFileSync(join(workspace, '.gitignore'), 'cdk.out\ntmp\nnode_modules\n');
  git('init', '--quiet', '--initial-branch=main');
  commit('First');
  writeFileSync(join(workspace, 'run.sh'), '#!/bin/sh\necho "run in $PWD"\n');
  chmodSync(join(workspace, 'run.sh'), 0o755);
  commit('Second');
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: `aws://${CI}/${REGION}`,
    properties: { templateFile: `${STACK}.template.json` },
    displayName: STACK,
  };
  writeFileSync(join(assembly, `${STACK}.template.json`), '{}');
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts: { [STACK]: stack } }));
}
