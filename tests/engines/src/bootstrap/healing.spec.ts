import { DeleteStackCommand, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { CreateRepositoryCommand, DeleteRepositoryCommand, DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  ListRolePoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { CI, type Place, PROD, STAGING } from 'test-bed';
import type { BootstrapReport } from 'nx-cdk/src/bootstrap/index.ts';
import { BootstrapBed, targetOf } from './bootstrap-bed.ts';

const OTHER = '999999999999';
const VERSION = { Name: '/cdk-bootstrap/hnb659fds/version' };

let bed: BootstrapBed;

beforeAll(async () => {
  bed = await BootstrapBed.open();
});

afterAll(() => bed?.close());

const bootstrapped = async (place: Place) => (await bed.run({ targets: [targetOf(place)] })).report;
/** The outcome, or why there is none. */
const endOf = ({ targets: [target] }: BootstrapReport) => target?.failure?.message ?? target?.outcome;
const root = ({ account }: Place) => bed.connect(account);
const bucketOf = ({ account, region }: Place) => ({ Bucket: `cdk-hnb659fds-assets-${account}-${region}` });
const repositoryOf = ({ account, region }: Place) => `cdk-hnb659fds-container-assets-${account}-${region}`;
const roleOf = ({ account, region }: Place, kind: string) => `cdk-hnb659fds-${kind}-role-${account}-${region}`;

/** What the template says of a bucket, and CloudFormation alone sets. */
async function requireSettings(place: Place): Promise<void> {
  const s3 = await root(place).s3(place);
  expect((await s3.send(new GetBucketVersioningCommand(bucketOf(place)))).Status).toBe('Enabled');
  expect((await s3.send(new GetBucketPolicyCommand(bucketOf(place)))).Policy).toContain('AllowSSLRequestsOnly');
  const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand(bucketOf(place)));
  expect(JSON.stringify(ServerSideEncryptionConfiguration)).toContain('aws:kms');
}

describe('a first bootstrap that failed', () => {
  const place = { account: STAGING.account, region: 'eu-west-1' };

  test('is done again as if it had never been, whatever its stack once was asked for', async () => {
    // given a parameter of that name already, at which CloudFormation stops after it has made the bucket
    const ssm = await root(place).ssm(place);
    await ssm.send(new PutParameterCommand({ ...VERSION, Type: 'String', Value: 'x' }));
    const failed = await bed.run({ targets: [targetOf(place)] });
    expect(failed.report.targets[0]?.failure?.code).toBe('Bootstrap');
    expect((await bed.stackIn(place)).status).toBe('ROLLBACK_COMPLETE');

    // when nobody says which policies: those of the failed stack are none that there are
    await ssm.send(new DeleteParameterCommand(VERSION));
    const policies = {
      executionPolicies: undefined,
      initialExecutionPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    };
    const { report } = await bed.run({ targets: [targetOf(place, policies)] });

    // then
    expect(endOf(report)).toBe('created');
    expect(report.targets[0]!.differences).toContain(
      'its stack CDKToolkit is in ROLLBACK_COMPLETE and is deleted first',
    );
    await requireSettings(place);
    expect(endOf(await bootstrapped(place))).toBe('unchanged');
  });
});

describe('a bootstrap that is not there any more', () => {
  const place = { account: STAGING.account, region: 'eu-west-2' };

  test('takes the bucket and the repository that it has left behind into the new one', async () => {
    // given
    await bootstrapped(place);
    const [s3, ecr, cloudFormation] = await Promise.all([
      root(place).s3(place),
      root(place).ecr(place),
      root(place).cloudFormation(place),
    ]);
    await s3.send(new PutObjectCommand({ ...bucketOf(place), Key: 'asset', Body: 'published' }));
    await cloudFormation.send(new DeleteStackCommand({ StackName: 'CDKToolkit' }));
    await waitUntilStackDeleteComplete(
      { client: cloudFormation, minDelay: 1, maxWaitTime: 300 },
      { StackName: 'CDKToolkit' },
    );
    await ecr.send(new CreateRepositoryCommand({ repositoryName: repositoryOf(place) }));
    await s3.send(new DeleteBucketPolicyCommand(bucketOf(place)));

    // when
    const { report } = await bed.run({ targets: [targetOf(place)] });

    if (endOf(report) !== 'created') {
      const { DescribeStackEventsCommand } = await import('@aws-sdk/client-cloudformation');
      const e = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'CDKToolkit' }));
      console.log(
        JSON.stringify(
          e
            .StackEvents!.filter((x) => x.ResourceStatus!.includes('FAILED') || x.ResourceStatus!.includes('IMPORT'))
            .map((x) => [x.LogicalResourceId, x.ResourceStatus, x.ResourceStatusReason]),
          null,
          1,
        ),
      );
    }
    // then
    expect(endOf(report)).toBe('created');
    await requireSettings(place);
    const { Contents } = await s3.send(new ListObjectsV2Command(bucketOf(place)));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['asset']);
    expect(endOf(await bootstrapped(place))).toBe('unchanged');
  });

  test('is not made where its bucket belongs to somebody else', async () => {
    // given
    const taken = { account: STAGING.account, region: 'eu-west-3' };
    const thief = await bed.connect(OTHER).s3({ account: OTHER, region: taken.region });
    await thief.send(new CreateBucketCommand(bucketOf(taken)));

    // when
    const { report } = await bed.run({ targets: [targetOf(taken)] });

    // then
    expect(report.targets[0]!.failure?.code).toBe('WrongBucketOwner');
    await expect(bed.stackIn(taken)).rejects.toThrow('does not exist');
  });
});

describe('what somebody has deleted by hand', () => {
  beforeAll(async () => {
    expect(endOf(await bootstrapped(PROD))).toBe('created');
  });

  test('is seen by a dry run, which leaves it as it is', async () => {
    const ssm = await root(PROD).ssm(PROD);
    await ssm.send(new DeleteParameterCommand(VERSION));
    const { report } = await bed.run({ targets: [targetOf(PROD)], dryRun: true });
    expect(report.targets[0]).toMatchObject({
      outcome: 'planned',
      differences: [`the parameter ${VERSION.Name} is gone`],
    });
    await expect(ssm.send(new GetParameterCommand(VERSION))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('the version parameter is there again', async () => {
    expect(endOf(await bootstrapped(PROD))).toBe('updated');
    const { Parameter } = await (await root(PROD).ssm(PROD)).send(new GetParameterCommand(VERSION));
    expect(Number(Parameter?.Value)).toBe((await bed.stackIn(PROD)).version);
    expect(endOf(await bootstrapped(PROD))).toBe('unchanged');
  });

  test('the bucket and the repository are there again, with all of their settings', async () => {
    // given
    const [s3, ecr] = await Promise.all([root(PROD).s3(PROD), root(PROD).ecr(PROD)]);
    await s3.send(new DeleteBucketCommand(bucketOf(PROD)));
    await ecr.send(new DeleteRepositoryCommand({ repositoryName: repositoryOf(PROD) }));

    // when
    const report = await bootstrapped(PROD);

    // then
    expect(endOf(report)).toBe('updated');
    await requireSettings(PROD);
    await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryOf(PROD)] }));
    expect((await bed.stackIn(PROD)).version).toBeGreaterThan(0);
    expect(endOf(await bootstrapped(PROD))).toBe('unchanged');
  });

  test('a role is named with the way that is left', async () => {
    // given
    const place = { account: PROD.account, region: 'eu-west-2' };
    await bootstrapped(place);
    const iam = await root(place).iam(place);
    const RoleName = roleOf(place, 'image-publishing');
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));

    // when
    const report = await bootstrapped(place);

    // then
    expect(report.targets[0]!.failure?.message).toMatch(
      /has lost cdk-hnb659fds-image-publishing-role-\S+, .*: delete that stack \(aws cloudformation delete-stack .*then bootstrap again/,
    );

    // and that way leads to the end
    const client = await root(place).cloudFormation(place);
    await client.send(new DeleteStackCommand({ StackName: 'CDKToolkit' }));
    await waitUntilStackDeleteComplete({ client, minDelay: 1, maxWaitTime: 300 }, { StackName: 'CDKToolkit' });
    expect(endOf(await bootstrapped(place))).toBe('created');
  });
});

describe('trust that somebody has changed by hand', () => {
  const place = { account: STAGING.account, region: 'eu-central-1' };
  const role = roleOf(place, 'deploy');
  const trusting = async () => {
    const { Role } = await (await root(place).iam(place)).send(new GetRoleCommand({ RoleName: role }));
    return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
  };
  const change = async (...accounts: string[]) => {
    const PolicyDocument = trustOf(...accounts);
    await (await root(place).iam(place)).send(new UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument }));
  };
  const warnings = (events: readonly { type: string; level?: string; text?: string }[]) =>
    events.filter(({ level }) => level === 'warning').map(({ text }) => text);

  beforeAll(() => bootstrapped(place));

  test('is told and stays if trust is to be kept', async () => {
    await change(place.account, CI.account, OTHER);
    const { report, events } = await bed.run({ targets: [targetOf(place)], keepTrust: true });
    expect(endOf(report)).toBe('unchanged');
    expect(warnings(events)).toEqual([
      `The role ${role} of 111111111111/eu-central-1 trusts ${OTHER}, and its stack says otherwise: somebody has changed it by hand. It stays, because the trust there is to be kept.`,
    ]);
    expect(await trusting()).toContain(OTHER);
  });

  test('is told and taken away otherwise, with the conditions of the template', async () => {
    const { report, events } = await bed.run({ targets: [targetOf(place)] });
    expect(endOf(report)).toBe('updated');
    expect(report.targets[0]).toMatchObject({
      differences: [`the trust of ${role} is restored`],
    });
    expect(warnings(events)).toEqual([expect.stringContaining(`${role} of 111111111111/eu-central-1 trusts ${OTHER}`)]);
    expect(await trusting()).not.toContain(OTHER);
    expect(await trusting()).toContain('sts:ExternalId');
    expect(await trusting()).not.toContain('to-be-renewed');
  });

  test('is restored if it was taken away: the advice of a refused deployment leads to the end', async () => {
    await change(place.account);
    const { report } = await bed.run({ targets: [targetOf(place)] });
    expect(endOf(report)).toBe('updated');
    expect(await trusting()).toContain(CI.account);
    expect(endOf(await bootstrapped(place))).toBe('unchanged');
  });
});

function trustOf(...accounts: string[]): string {
  const AWS = accounts.map((account) => `arn:aws:iam::${account}:root`);
  const Statement = [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
