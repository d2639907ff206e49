import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { type AwsProxy, startProxy } from 'aws-proxy';
import type { LocalAws } from '@nx-cdk/local-aws';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import {
  type BootstrapReport,
  type BootstrapRequest,
  type BootstrapTarget,
  bootstrap,
} from 'nx-cdk/src/bootstrap/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { CI, type Place, sharedAws } from 'test-bed';

export const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** How a bootstrap went. */
export interface Run {
  readonly report: BootstrapReport;
  readonly events: ProgressEvent[];
  /** Counted as they arrive. */
  readonly requests: Record<string, number>;
}

/** A local AWS of empty accounts, and the engine beside it. */
export class BootstrapBed {
  readonly local: LocalAws;
  readonly folder: string;
  readonly #proxy: AwsProxy;
  readonly #opened: AwsClients[] = [];

  private constructor(local: LocalAws, proxy: AwsProxy, folder: string) {
    this.local = local;
    this.#proxy = proxy;
    this.folder = folder;
  }

  static async open(): Promise<BootstrapBed> {
    const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
    const local = await sharedAws();
    const proxy = await startProxy(local);
    // The toolkit's own clients read the endpoint from the environment.
    Object.assign(process.env, local.environment(), proxy.environment, {
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    });
    for (const file of ['config', 'credentials']) writeFileSync(join(folder, file), '');
    return new BootstrapBed(local, proxy, folder);
  }

  async close(): Promise<void> {
    for (const aws of this.#opened) aws.destroy();
    await this.#proxy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** AWS as the root of an account. */
  connect(account: string, listener: (event: ProgressEvent) => void = () => {}): AwsClients {
    const credentials = async () => this.local.credentialsFor(account);
    const environment = { ...this.local.environment(account), ...this.#proxy.environment };
    const aws = createAws({ listener, environment, credentials });
    this.#opened.push(aws);
    return aws;
  }

  async run(request: BootstrapRequest, caller = CI.account): Promise<Run> {
    const events: ProgressEvent[] = [];
    const listener = (event: ProgressEvent) => void events.push(event);
    this.#proxy.reset();
    const report = await bootstrap(request, { aws: this.connect(caller, listener), listener });
    const requests: Record<string, number> = {};
    for (const { action } of this.#proxy.requests) requests[action] = (requests[action] ?? 0) + 1;
    return { report, events, requests };
  }

  /** The toolkit stack as the root of its account sees it. */
  async stackIn({ account, region }: Place, name = 'CDKToolkit') {
    const client = await this.connect(account).cloudFormation({ account, region });
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { Parameters = [], StackStatus, Outputs = [] } = Stacks![0]!;
    const outputs = Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    return {
      status: StackStatus,
      version: Number(outputs['BootstrapVersion']),
      readsImages: outputs['DeployRoleReadsImages'],
      parameters: Object.fromEntries(
        Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
      ),
    };
  }

  /** What somebody else has bootstrapped with a template of theirs, as the root of the account. */
  async createBootstrap(
    { account, region }: Place,
    template: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<void> {
    const client = await this.connect(account).cloudFormation({ account, region });
    await client.send(
      new CreateStackCommand({
        StackName: 'CDKToolkit',
        TemplateBody: template,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Parameters: Object.entries({ FileAssetsBucketKmsKeyId: 'AWS_MANAGED_KEY', ...parameters }).map(
          ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
        ),
      }),
    );
    await waitUntilStackCreateComplete(
      { client, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 },
      { StackName: 'CDKToolkit' },
    );
  }
}

/** A place that is to trust the CI account and nobody else, bootstrapped through the organization's role. */
export function targetOf(place: Place, more: Partial<BootstrapTarget> = {}): BootstrapTarget {
  return {
    label: 'test',
    ...place,
    qualifier: 'hnb659fds',
    access: { roleArn: `arn:aws:iam::${place.account}:role/OrganizationAccountAccessRole`, roleIsChosen: false },
    trust: place.account === CI.account ? [] : [CI.account],
    executionPolicies: [ADMIN],
    ...more,
  };
}

export function outcomes({ targets }: BootstrapReport): string[] {
  return targets.map(({ outcome }) => outcome);
}

/** CDK's own template as a later release of it might be. */
export async function newerTemplate(version: number): Promise<string> {
  const { BootstrapTemplate } = await import('@aws-cdk/toolkit-lib');
  const template = JSON.parse((await BootstrapTemplate.fromSource()).asJSON());
  template.Resources.CdkBootstrapVersion.Properties.Value = `${version}`;
  template.Outputs.BootstrapVersion.Value = `${version}`;
  return JSON.stringify(template);
}
