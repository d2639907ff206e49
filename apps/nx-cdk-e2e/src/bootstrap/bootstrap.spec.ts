import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type LocalAws, startInstance } from 'local-aws';
import { type ConnectedAws, createAws } from 'nx-cdk/src/aws/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import {
  type BootstrapReport,
  type BootstrapRequest,
  type BootstrapTarget,
  bootstrap,
} from 'nx-cdk/src/bootstrap/index.ts';

const CI = { account: '123456789012', region: 'eu-west-1' };
const STAGING = { account: '111111111111', region: 'eu-west-1' };
const PROD = { account: '222222222222', region: 'us-east-1' };
const OTHER = '999999999999';
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
let local: LocalAws;
const opened: ConnectedAws[] = [];

beforeAll(async () => {
  local = await startInstance({
    directory: join(folder, 'aws'),
    managementAccount: CI.account,
    region: CI.region,
    logRequests: true,
  });
  // The toolkit's own clients read the endpoint from the environment.
  Object.assign(process.env, local.environment(CI.account), {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  });
  writeFileSync(join(folder, 'config'), '');
  const { accessKeyId, secretAccessKey } = local.credentialsFor(PROD.account);
  const keys = [`aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`];
  writeFileSync(join(folder, 'credentials'), ['[prod-admin]', ...keys, ''].join('\n'));
}, 120_000);

afterAll(async () => {
  for (const aws of opened) aws.destroy();
  await local?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function connect(account: string, listener: (event: ProgressEvent) => void = () => {}): ConnectedAws {
  const credentials = async () => local.credentialsFor(account);
  const aws = createAws({ listener, environment: local.environment(account), credentials });
  opened.push(aws);
  return aws;
}

function targetOf(place: typeof CI, more: Partial<BootstrapTarget> = {}): BootstrapTarget {
  return {
    label: 'test',
    ...place,
    access: { roleArn: `arn:aws:iam::${place.account}:role/OrganizationAccountAccessRole`, roleIsChosen: false },
    trust: place.account === CI.account ? [] : [CI.account],
    executionPolicies: [ADMIN],
    ...more,
  };
}

const ALL = [targetOf(CI), targetOf(STAGING), targetOf(PROD)];

interface Run {
  readonly report: BootstrapReport;
  readonly events: ProgressEvent[];
  /** Counted where they arrive. */
  readonly requests: Record<string, number>;
}

async function run(
  request: Partial<BootstrapRequest> & Pick<BootstrapRequest, 'targets'>,
  caller = CI.account,
): Promise<Run> {
  const events: ProgressEvent[] = [];
  const listener = (event: ProgressEvent) => void events.push(event);
  const before = requestLog().length;
  const report = await bootstrap({ qualifier: 'hnb659fds', ...request }, { aws: connect(caller, listener), listener });
  const requests: Record<string, number> = {};
  for (const action of requestLog().slice(before)) requests[action] = (requests[action] ?? 0) + 1;
  return { report, events, requests };
}

function requestLog(): string[] {
  const lines = readFileSync(local.requestLog!, 'utf8').trimEnd().split('\n');
  return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { action: string }).action);
}

function outcomes({ targets }: BootstrapReport): string[] {
  return targets.map(({ outcome }) => outcome);
}

/** The toolkit stack as the root of its account sees it. */
async function stackIn({ account, region }: typeof CI, name = 'CDKToolkit') {
  const client = await connect(account).cloudFormation({ account, region });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const { Parameters = [], StackStatus, Outputs = [] } = Stacks![0]!;
  return {
    status: StackStatus,
    version: Number(Outputs.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue),
    parameters: Object.fromEntries(
      Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
    ),
  };
}

describe('bootstrapping a CI account and two workload accounts', () => {
  test('says in a dry run what it would do, and does nothing', async () => {
    const { report, requests } = await run({ targets: ALL, dryRun: true });
    expect(outcomes(report)).toEqual(['planned', 'planned', 'planned']);
    expect(requests).toEqual({ GetCallerIdentity: 1, AssumeRole: 2, DescribeStacks: 3 });
    await expect(stackIn(STAGING)).rejects.toThrow('does not exist');
  });

  test('creates all of them, through the organization’s role, with trust for the CI account only', async () => {
    // when
    const { report, events } = await run({ targets: ALL });

    // then
    expect(outcomes(report)).toEqual(['created', 'created', 'created']);
    for (const place of [STAGING, PROD]) {
      expect((await stackIn(place)).parameters).toMatchObject({
        TrustedAccounts: CI.account,
        TrustedAccountsForLookup: CI.account,
        CloudFormationExecutionPolicies: ADMIN,
      });
    }
    expect((await stackIn(CI)).parameters).toMatchObject({ TrustedAccounts: '', TrustedAccountsForLookup: '' });

    // and what the toolkit says is said of its target: nothing of it stands alone
    const alone = events.filter((event) => event.type === 'message' && event.id === undefined);
    expect(alone).toEqual([]);
    expect(events.filter(({ type }) => type === 'item-finished')).toHaveLength(3);
  });

  test('finds nothing to do the second time, with one look at each target', async () => {
    const { report, requests } = await run({ targets: ALL });
    expect(outcomes(report)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(requests).toEqual({ GetCallerIdentity: 1, AssumeRole: 2, DescribeStacks: 3 });
  });

  test('adds trust that is asked for, takes it away when nobody names it any more, and warns of that', async () => {
    // given
    const targets = [targetOf(STAGING, { trust: [CI.account, OTHER] })];
    const added = await run({ targets });
    expect(added.report.targets[0]).toMatchObject({
      outcome: 'updated',
      differences: [`trust +${OTHER}`, `lookup trust +${OTHER}`],
    });
    expect((await stackIn(STAGING)).parameters['TrustedAccounts']).toBe(`${CI.account},${OTHER}`);

    // when trust is to be kept
    const kept = await run({ targets: ALL, keepTrust: true });
    expect(outcomes(kept.report)).toEqual(['unchanged', 'unchanged', 'unchanged']);

    // when the list is the whole truth
    const removed = await run({ targets: ALL });

    // then
    expect(outcomes(removed.report)).toEqual(['unchanged', 'updated', 'unchanged']);
    expect((await stackIn(STAGING)).parameters['TrustedAccounts']).toBe(CI.account);
    expect(removed.events).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        text: expect.stringContaining(`${OTHER} loses the trust of 111111111111/eu-west-1`),
      }),
    );
  });

  test('keeps a newer template and what else was set in it, and changes the trust', async () => {
    // given a bootstrap of a later version, made with an option that the environments file does not know
    const place = { account: STAGING.account, region: 'eu-north-1' };
    await createNewerBootstrap(place);

    // when
    const { report } = await run({ targets: [targetOf(place)] });

    // then
    expect(report.targets[0]).toMatchObject({ outcome: 'updated' });
    const { version, parameters } = await stackIn(place);
    expect(version).toBe(999);
    expect(parameters).toMatchObject({ TrustedAccounts: CI.account, PublicAccessBlockConfiguration: 'false' });
    expect(outcomes((await run({ targets: [targetOf(place)] })).report)).toEqual(['unchanged']);
  });

  test('gives another qualifier a stack of its own, beside the first', async () => {
    const first = await run({ targets: [targetOf(STAGING)], qualifier: 'team2' });
    const second = await run({ targets: [targetOf(STAGING)], qualifier: 'team2' });
    expect(first.report.targets[0]).toMatchObject({ outcome: 'created', toolkitStackName: 'CDKToolkit-team2' });
    expect(second.report.targets[0]).toMatchObject({ outcome: 'unchanged', toolkitStackName: 'CDKToolkit-team2' });
    expect((await stackIn(STAGING)).parameters['Qualifier']).toBe('hnb659fds');
  });
});

describe('administrator access', () => {
  test('refused by one target is a sentence that names the role; the others are bootstrapped', async () => {
    // given a caller that no account trusts but its own
    const stranger = { account: '555555555555', region: 'eu-west-1' };

    // when
    const { report, events } = await run(
      { targets: [targetOf(stranger, { trust: [] }), targetOf(STAGING)] },
      stranger.account,
    );

    // then
    expect(outcomes(report)).toEqual(['created', 'failed']);
    expect(report.success).toBe(false);
    expect(report.targets[1]!.failure).toMatchObject({
      code: 'AdminRoleDenied',
      message: expect.stringMatching(
        /^arn:aws:iam::555555555555:root may not assume arn:aws:iam::111111111111:role\/OrganizationAccountAccessRole to bootstrap 111111111111\/eu-west-1: .*"adminRole".*"adminProfile"\.$/,
      ),
    });
    expect(JSON.stringify(events)).not.toContain('SecretAccessKey');
  });

  test('by a role that does not exist is a sentence that names it', async () => {
    const access = { roleArn: 'arn:aws:iam::111111111111:role/Nobody', roleIsChosen: true };
    const { report } = await run({ targets: [targetOf(STAGING, { access })] });
    expect(report.targets[0]!.failure?.message).toContain('may not assume arn:aws:iam::111111111111:role/Nobody');
  });

  test('by a profile works with the profile’s own credentials, and checks that they are for that account', async () => {
    // given
    const withProfile = (place: typeof CI, profile: string) =>
      targetOf(place, { access: { profile, roleArn: 'unused', roleIsChosen: false } });

    // when
    const { report, requests } = await run({
      targets: [withProfile(PROD, 'prod-admin'), withProfile(STAGING, 'prod-admin'), withProfile(CI, 'absent')],
    });

    // then
    expect(outcomes(report)).toEqual(['unchanged', 'failed', 'failed']);
    expect(report.targets[1]!.failure?.message).toBe(
      'The profile prod-admin is for account 222222222222, but it is the "adminProfile" of 111111111111/eu-west-1: name a profile of 111111111111.',
    );
    expect(report.targets[2]!.failure?.message).toMatch(/^The profile absent .* cannot be used: /);
    expect(requests).toEqual({ GetCallerIdentity: 1, DescribeStacks: 1 });
  });
});

/** What a later release of the CDK would have made, with an option of its own. */
async function createNewerBootstrap({ account, region }: typeof CI): Promise<void> {
  const { BootstrapTemplate } = await import('@aws-cdk/toolkit-lib');
  const { CreateStackCommand, waitUntilStackCreateComplete } = await import('@aws-sdk/client-cloudformation');
  const template = JSON.parse((await BootstrapTemplate.fromSource()).asJSON());
  template.Resources.CdkBootstrapVersion.Properties.Value = '999';
  template.Outputs.BootstrapVersion.Value = '999';
  const client = await connect(account).cloudFormation({ account, region });
  await client.send(
    new CreateStackCommand({
      StackName: 'CDKToolkit',
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [
        { ParameterKey: 'PublicAccessBlockConfiguration', ParameterValue: 'false' },
        { ParameterKey: 'FileAssetsBucketKmsKeyId', ParameterValue: 'AWS_MANAGED_KEY' },
      ],
    }),
  );
  await waitUntilStackCreateComplete(
    { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName: 'CDKToolkit' },
  );
}
