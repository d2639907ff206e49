import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  ListChangeSetsCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type AwsProxy, startProxy } from 'aws-proxy';
import type { LocalAws } from '@nx-cdk/local-aws';
import { sharedAws } from 'test-bed';
import { type Assembly, templatePlace } from 'nx-cdk/src/assembly/index.ts';
import { admissionOf, createAws, type AwsClients } from 'nx-cdk/src/aws/index.ts';
import { GivenParameters } from 'nx-cdk/src/cloudformation/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { deploy, type DeployReport, type DeployRequest } from 'nx-cdk/src/deploy/index.ts';
import { preview } from 'nx-cdk/src/plan/index.ts';
import { ACCOUNT, assemblyOf, queues, REGION, type TestStack } from 'nx-cdk/src/cloudformation/testing/assembly.ts';
import {
  BUCKET,
  DEPLOY_ROLE,
  ENVIRONMENT_TEMPLATE,
  EXECUTION_ROLE,
  VERSION_PARAMETER,
} from './environment-template.ts';

export interface RunOptions extends Omit<Partial<DeployRequest>, 'parameters'> {
  /** As on the command line. */
  readonly parameters?: readonly string[];
  /** Whether the templates are put into the bucket first. @default true */
  readonly publish?: boolean;
  /** Only says what would change. @default false */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly listener?: (event: ProgressEvent) => void;
  readonly aws?: AwsClients;
}

/** A local AWS with one account that is ready for deployments; to be stopped at the end. */
export class Rehearsal {
  readonly local: LocalAws;
  /** The clients that `run` uses by default. */
  readonly aws: AwsClients;
  /** For whatever a test leaves behind; goes away at the end. */
  readonly folder: string;
  readonly #proxy: AwsProxy;
  readonly #assemblies: { dispose(): void }[] = [];

  private constructor(local: LocalAws, proxy: AwsProxy, folder: string) {
    this.local = local;
    this.#proxy = proxy;
    this.folder = folder;
    this.aws = this.connect();
  }

  static async start(): Promise<Rehearsal> {
    const folder = mkdtempSync(join(tmpdir(), 'deploy-rehearsal-'));
    const local = await sharedAws();
    const rehearsal = new Rehearsal(local, await startProxy(local), folder);
    // The SDK itself reads the endpoint from there.
    Object.assign(process.env, rehearsal.environment());
    // The environment is a stack without deploy role and without bucket: it goes in with the caller's own credentials.
    const report = await rehearsal.run([{ id: 'Environment', template: ENVIRONMENT_TEMPLATE }]);
    if (!report.success) throw new Error(report.stacks[0]?.failure?.message);
    return rehearsal;
  }

  async stop(): Promise<void> {
    this.aws.destroy();
    await this.#proxy.close();
    for (const assembly of this.#assemblies) assembly.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Clients that share nothing with others. */
  connect(): AwsClients {
    const credentials = async () => this.local.credentialsFor(ACCOUNT);
    // Roles with names of their own have to be named. Nobody may assume the last one.
    const admission = admissionOf({ names: ['test-deploy-role', 'test-execution-role', 'none'] });
    return createAws({ listener: () => {}, environment: this.environment(), credentials, admission });
  }

  environment(): Record<string, string> {
    return { ...this.local.environment(ACCOUNT), ...this.#proxy.environment };
  }

  /** The client that root of the account has: what somebody else does goes through it. */
  cloudFormation(): Promise<CloudFormationClient> {
    return this.aws.cloudFormation({ account: ACCOUNT, region: REGION });
  }

  /** Deploys an assembly of these stacks. */
  async run(plans: readonly TestStack[], options: RunOptions = {}): Promise<DeployReport> {
    const assembly = assemblyOf(plans);
    this.#assemblies.push(assembly);
    if (options.publish !== false) await this.publish(assembly);
    const parameters = new GivenParameters(options.parameters ?? [], assembly.stacks);
    const request = { assembly, stacks: plans.map(({ id }) => id), ...options, parameters };
    const { aws = this.aws, listener = () => {}, signal } = options;
    if (options.dryRun !== true) return deploy(request, { aws, listener, signal });
    return (await preview(request, { aws, listener, signal }, 'deploy (dry run)')).report;
  }

  /** Uploads the templates of an assembly, for CloudFormation to read. */
  async publish(assembly: Assembly): Promise<void> {
    for (const { templateUrl, templateFile } of assembly.stacks) {
      if (templateUrl !== undefined) await this.put(templateUrl, readFileSync(templateFile));
    }
  }

  /** Writes an object to where a stack has its template. */
  async put(templateUrl: string, Body: Buffer | string): Promise<void> {
    const s3 = await this.aws.s3({ account: ACCOUNT, region: REGION });
    const { bucket, key: Key } = templatePlace(templateUrl)!;
    const Bucket = bucket.replace('${AWS::AccountId}', ACCOUNT).replace('${AWS::Region}', REGION);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  /** Names of the change sets of a stack that were not executed. */
  async changeSetsOf(StackName: string): Promise<string[]> {
    const { Summaries = [] } = await (await this.cloudFormation()).send(new ListChangeSetsCommand({ StackName }));
    return Summaries.filter(({ ExecutionStatus }) => ExecutionStatus === 'AVAILABLE').map(
      ({ ChangeSetName = '' }) => ChangeSetName,
    );
  }

  /** The stack as AWS has it; undefined if there is none. */
  async stackInAws(stackName: string): Promise<Stack | undefined> {
    const client = await this.cloudFormation();
    const answer = await client.send(new DescribeStacksCommand({ StackName: stackName })).catch(() => undefined);
    return answer?.Stacks?.[0];
  }

  /** The requests to the endpoint since the last call, such as `cloudformation:DescribeStacks`. */
  requests(): string[] {
    const requests = this.#proxy.requests.map(({ service, action }) => `${service}:${action}`);
    this.#proxy.reset();
    return requests;
  }
}

/** A stack as the CDK's default synthesizer describes it. */
export function modern(id: string, template: object = queues('Queue'), more: Partial<TestStack> = {}): TestStack {
  const key = `${createHash('sha256').update(JSON.stringify(template)).digest('hex')}.json`;
  return {
    id,
    template,
    templateUrl: `s3://${BUCKET}/${key}`,
    deployRole: { arn: DEPLOY_ROLE },
    executionRoleArn: EXECUTION_ROLE,
    bootstrap: { version: 6, parameter: VERSION_PARAMETER },
    ...more,
  };
}

/** How the stacks of a run ended, by id. */
export function outcomes(report: DeployReport): Record<string, string> {
  return Object.fromEntries(report.stacks.map(({ id, outcome }) => [id, outcome]));
}
