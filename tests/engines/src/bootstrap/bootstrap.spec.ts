import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CI, PROD, STAGING } from 'test-bed';
import { ADMIN, BootstrapBed, newerTemplate, outcomes, targetOf } from './bootstrap-bed.ts';

const OTHER = '999999999999';
const ALL = [targetOf(CI), targetOf(STAGING), targetOf(PROD)];

let bed: BootstrapBed;

beforeAll(async () => {
  bed = await BootstrapBed.open();
  const { accessKeyId, secretAccessKey } = bed.local.credentialsFor(PROD.account);
  const keys = [`aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`];
  writeFileSync(join(bed.folder, 'credentials'), ['[prod-admin]', ...keys, ''].join('\n'));
});

afterAll(() => bed?.close());

describe('bootstrapping a CI account and two workload accounts', () => {
  test('says in a dry run what it would do, and does nothing', async () => {
    const { report, requests } = await bed.run({ targets: ALL, dryRun: true });
    expect(outcomes(report)).toEqual(['planned', 'planned', 'planned']);
    expect(requests).toEqual({
      GetCallerIdentity: 1,
      AssumeRole: 2,
      DescribeStacks: 3,
      HeadBucket: 3,
      DescribeRepositories: 3,
    });
    await expect(bed.stackIn(STAGING)).rejects.toThrow('does not exist');
  });

  test('creates all of them, through the organization’s role, with trust for the CI account only', async () => {
    // when
    const { report, events } = await bed.run({ targets: ALL });

    // then
    expect(outcomes(report)).toEqual(['created', 'created', 'created']);
    for (const place of [STAGING, PROD]) {
      expect((await bed.stackIn(place)).parameters).toMatchObject({
        TrustedAccounts: CI.account,
        TrustedAccountsForLookup: CI.account,
        CloudFormationExecutionPolicies: ADMIN,
      });
    }
    expect((await bed.stackIn(CI)).parameters).toMatchObject({ TrustedAccounts: '', TrustedAccountsForLookup: '' });

    // and every message of the toolkit names its target
    const alone = events.filter((event) => event.type === 'message' && event.id === undefined);
    expect(alone).toEqual([]);
    expect(events.filter(({ type }) => type === 'item-finished')).toHaveLength(3);
  });

  test('finds nothing to do the second time, with one look at each stack and at what it has made', async () => {
    const { report, requests } = await bed.run({ targets: ALL });
    expect(outcomes(report)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(requests).toEqual({
      GetCallerIdentity: 1,
      AssumeRole: 2,
      DescribeStacks: 3,
      DescribeStackResources: 3,
      HeadBucket: 3,
      GetBucketPolicy: 3,
      DescribeRepositories: 3,
      GetRole: 15,
      GetParameter: 3,
    });
  });

  test('adds trust that is asked for, takes it away when nobody names it any more, and warns of that', async () => {
    // given
    const targets = [targetOf(STAGING, { trust: [CI.account, OTHER] })];
    const added = await bed.run({ targets });
    expect(added.report.targets[0]).toMatchObject({
      outcome: 'updated',
      differences: [`trust +${OTHER}`, `lookup trust +${OTHER}`],
    });
    expect((await bed.stackIn(STAGING)).parameters['TrustedAccounts']).toBe(`${CI.account},${OTHER}`);

    // when trust is to be kept
    const kept = await bed.run({ targets: ALL, keepTrust: true });
    expect(outcomes(kept.report)).toEqual(['unchanged', 'unchanged', 'unchanged']);

    // when the list is the whole truth
    const removed = await bed.run({ targets: ALL });

    // then
    expect(outcomes(removed.report)).toEqual(['unchanged', 'updated', 'unchanged']);
    expect((await bed.stackIn(STAGING)).parameters['TrustedAccounts']).toBe(CI.account);
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
    await bed.createBootstrap(place, await newerTemplate(999), { PublicAccessBlockConfiguration: 'false' });

    // when
    const { report } = await bed.run({ targets: [targetOf(place)] });

    // then
    expect(report.targets[0]).toMatchObject({ outcome: 'updated' });
    const { version, parameters } = await bed.stackIn(place);
    expect(version).toBe(999);
    expect(parameters).toMatchObject({ TrustedAccounts: CI.account, PublicAccessBlockConfiguration: 'false' });
    expect(outcomes((await bed.run({ targets: [targetOf(place)] })).report)).toEqual(['unchanged']);
  });

  test('gives another qualifier a stack of its own, beside the first', async () => {
    const first = await bed.run({ targets: [targetOf(STAGING, { qualifier: 'team2' })] });
    const second = await bed.run({ targets: [targetOf(STAGING, { qualifier: 'team2' })] });
    expect(first.report.targets[0]).toMatchObject({ outcome: 'created', toolkitStackName: 'CDKToolkit-team2' });
    expect(second.report.targets[0]).toMatchObject({ outcome: 'unchanged', toolkitStackName: 'CDKToolkit-team2' });
    expect((await bed.stackIn(STAGING)).parameters['Qualifier']).toBe('hnb659fds');
  });
});

describe('administrator access', () => {
  test('refused by one target is a sentence that names the role; the others are bootstrapped', async () => {
    // given a caller that no account trusts but its own
    const stranger = { account: '555555555555', region: 'eu-west-1' };

    // when
    const { report, events } = await bed.run(
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
    const { report } = await bed.run({ targets: [targetOf(STAGING, { access })] });
    expect(report.targets[0]!.failure?.message).toContain('may not assume arn:aws:iam::111111111111:role/Nobody');
  });

  test('by a profile works with the profile’s own credentials, and checks that they are for that account', async () => {
    // given
    const withProfile = (place: typeof CI, profile: string) =>
      targetOf(place, { access: { profile, roleArn: 'unused', roleIsChosen: false } });

    // when
    const { report, requests } = await bed.run({
      targets: [withProfile(PROD, 'prod-admin'), withProfile(STAGING, 'prod-admin'), withProfile(CI, 'absent')],
    });

    // then
    expect(outcomes(report)).toEqual(['unchanged', 'failed', 'failed']);
    expect(report.targets[1]!.failure?.message).toBe(
      'The profile prod-admin is for account 222222222222, but it is the "adminProfile" of 111111111111/eu-west-1: name a profile of 111111111111.',
    );
    expect(report.targets[2]!.failure?.message).toMatch(/^The profile absent .* cannot be used: /);
    expect(requests).toMatchObject({ GetCallerIdentity: 1, DescribeStacks: 1, GetRole: 5 });
  });
});
