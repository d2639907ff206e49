import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOutlines, parseEnvironments, readEnvironments } from './index.ts';

const STAGING = { name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] };
const CI = { account: '123456789012', region: 'eu-west-1' };

describe('environments.json', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'environments-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const given = (content: unknown): string => {
    const file = join(folder, 'environments.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const messageOf = (content: unknown): string => {
    const file = given(content);
    try {
      readEnvironments(file);
    } catch (error) {
      expect((error as Error).message).toContain(file);
      return (error as Error).message;
    }
    throw new Error('it was accepted');
  };

  test('keeps the promotion order and fills in the defaults', () => {
    const prod = { name: 'prod', approval: true, targets: [{ account: '222222222222', region: 'us-east-1' }] };

    const environments = readEnvironments(given({ ci: CI, environments: [STAGING, prod] }));

    expect(environments.environments.map((environment) => environment.name)).toEqual(['staging', 'prod']);
    expect(environments.environments.map((environment) => environment.approval)).toEqual([false, true]);
    expect(environments.qualifier).toBe('hnb659fds');
    expect(environments.environments[0]?.executionPolicies).toEqual(['arn:aws:iam::aws:policy/AdministratorAccess']);
  });

  test('the role of bootstrapping has no default here: one that somebody chose is assumed in every account', () => {
    expect(readEnvironments(given({ ci: CI, environments: [STAGING] })).environments[0]?.targets).toEqual(
      STAGING.targets,
    );
  });

  test('an environment may have execution policies of its own', () => {
    const own = { ...STAGING, executionPolicies: ['arn:aws:iam::111111111111:policy/Narrow'] };
    const shared = ['arn:aws:iam::aws:policy/PowerUserAccess'];

    const read = readEnvironments(
      given({ ci: CI, executionPolicies: shared, environments: [own, { ...STAGING, name: 'prod' }] }),
    );

    expect(read.environments[0]?.executionPolicies).toEqual(own.executionPolicies);
    expect(read.environments[1]?.executionPolicies).toEqual(shared);
  });

  test('names of roles are checked, and an environment may have its own', () => {
    const general = { deploy: ['team/deploy-${AWS::AccountId}'] };
    const own = { ...STAGING, name: 'prod', roles: { execution: ['exec'] } };
    const read = readEnvironments(given({ ci: CI, roles: general, environments: [STAGING, own] }));
    expect(read.environments.map(({ roles }) => roles)).toEqual([general, own.roles]);
    expect(readEnvironments(given({ ci: CI, environments: [STAGING] })).roles).toEqual({});

    const arn = { deploy: ['arn:aws:iam::111111111111:role/x'] };
    for (const wrong of ['Acme', 'acme-${AWS::Partition}', 'acme/assets', '']) {
      const roles = { buckets: ['acme-${Qualifier}-${AWS::AccountId}-${AWS::Region}', wrong] };
      expect(messageOf({ ci: CI, roles, environments: [STAGING] })).toMatch(
        /roles\.buckets\[1\] is ".*", which is not the name of a bucket, which may hold/,
      );
    }
    expect(messageOf({ ci: CI, roles: arn, environments: [STAGING] })).toMatch(
      /roles\.deploy\[0\] is "arn:.*", which is not the name of a role, which may hold/,
    );
  });

  test('releases are signed where the file names a key', () => {
    const key = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d';

    expect(readEnvironments(given({ ci: CI, environments: [STAGING] })).signing).toBeUndefined();
    expect(readEnvironments(given({ ci: CI, environments: [STAGING], signing: { key } })).signing).toEqual({
      key,
      algorithm: 'ECDSA_SHA_256',
    });
    expect(messageOf({ ci: CI, environments: [STAGING], signing: { key: 'alias/release' } })).toContain(
      'signing.key is "alias/release", which is not the ARN of a KMS key',
    );
  });

  test('a pipeline has a name and a branch where the file says nothing', () => {
    const source = {
      type: 'connection',
      repository: 'example/shop',
      connection: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/1a2b-3c4d',
    };

    expect(readEnvironments(given({ ci: CI, environments: [STAGING] })).pipeline).toEqual({
      name: 'nx-cdk',
      images: false,
      approveUpdates: false,
      cache: true,
    });
    expect(readEnvironments(given({ ci: CI, environments: [STAGING], pipeline: { source } })).pipeline.source).toEqual({
      ...source,
      branch: 'main',
    });
  });

  test('a source that is described wrongly is refused in words', () => {
    const withSource = (source: unknown) => messageOf({ ci: CI, environments: [STAGING], pipeline: { source } });
    expect(withSource({ type: 'svn' })).toContain(
      'pipeline.source.type is "svn", which is none of connection, github-token, s3',
    );
    expect(withSource({ type: 's3', bucket: 'sources' })).toContain('pipeline.source: the field "key" is missing');
    expect(withSource({ type: 'github-token', repository: 'shop', tokenSecret: 'token' })).toContain(
      'pipeline.source.repository is "shop", which is not a GitHub repository: owner/name',
    );
  });

  test('the file of this workspace is valid', () => {
    const read = readEnvironments(join(import.meta.dirname, '../../../environments.json'));
    expect(read.environments.length).toBeGreaterThan(0);
  });

  test.each([
    [
      'an account id of 11 digits',
      { ...STAGING, targets: [{ account: '11111111111', region: 'eu-west-1' }] },
      'environments[0].targets[0].account is "11111111111", which is not an AWS account id: 12 digits',
    ],
    [
      'an account id as a number',
      { ...STAGING, targets: [{ account: 111111111111, region: 'eu-west-1' }] },
      'environments[0].targets[0].account is 111111111111, which is not an AWS account id: 12 digits in quotes',
    ],
    [
      'a region of no known shape',
      { ...STAGING, targets: [{ account: '111111111111', region: 'ireland' }] },
      'environments[0].targets[0].region is "ireland", which is not an AWS region',
    ],
    ['no target', { ...STAGING, targets: [] }, 'environments[0].targets is empty'],
    ['a misspelt field', { ...STAGING, aproval: true }, 'environments[0]: the field "aproval" is unknown'],
    ['a missing name', { targets: STAGING.targets }, 'environments[0]: the field "name" is missing'],
    ['a name that is no target name', { ...STAGING, name: 'Staging Area' }, 'environments[0].name is "Staging Area"'],
  ])('given %s, it names the field', (_case, environment, expected) => {
    expect(messageOf({ ci: CI, environments: [environment] })).toContain(expected);
  });

  test('given an environment that wants to be asked and is deployed in express mode, it names both fields', () => {
    const express = { ...STAGING, deploymentMode: 'express' };
    expect(messageOf({ ci: CI, environments: [{ ...express, approval: true }] })).toContain(
      'environments[0].deploymentMode is "express", which waits for nothing, and environments[0].approval is true',
    );
    expect(parseEnvironments(JSON.stringify({ ci: CI, environments: [express] }), 'file').environments).toMatchObject([
      { deploymentMode: 'express' },
    ]);
    expect(messageOf({ ci: CI, environments: [{ ...STAGING, deploymentMode: 'fast' }] })).toContain(
      'environments[0].deploymentMode is "fast", which is none of standard, express',
    );
  });

  test('alarms are names, ARNs and composite ones, at most five, which are watched for a while', () => {
    const watching = (more: object) => ({ ci: CI, environments: [{ ...STAGING, ...more }] });
    const arn = 'arn:aws:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:Orders are late';
    const alarms = ['orders-late', arn, { composite: 'all' }];
    const file = { ...watching({ alarms, monitoringMinutes: 15 }) };
    expect(parseEnvironments(JSON.stringify(file), 'file').environments).toMatchObject([
      { alarms, monitoringMinutes: 15 },
    ]);
    const empty = parseEnvironments(JSON.stringify(watching({ alarms: [] })), 'file');
    expect(empty.environments).toMatchObject([{ alarms: [] }]);

    const six = messageOf(watching({ alarms: ['1', '2', '3', '4', '5', '6'] }));
    expect(six).toContain('environments[0].alarms has 6 entries, and at most 5 are possible');
    expect(messageOf(watching({ alarms: ['arn:aws:sns:eu-west-1:111111111111:topic'] }))).toContain(
      'environments[0].alarms[0] is "arn:aws:sns:eu-west-1:111111111111:topic", which is not the name or ARN of an alarm',
    );
    expect(messageOf(watching({ alarms: ['a'], monitoringMinutes: 181 }))).toContain('monitoringMinutes');
    expect(messageOf(watching({ monitoringMinutes: 5 }))).toContain('there are no environments[0].alarms to watch');
    expect(messageOf(watching({ alarms: ['a'], deploymentMode: 'express' }))).toContain('rolls nothing back');
  });

  describe('what plans are refused for', () => {
    const exception = { rule: 'deletes-stateful', stack: 'staging/Data', reason: 'moved away', until: '2026-12-31' };
    const file = (plan: object, more: object = {}) => ({ ci: CI, plan, environments: [{ ...STAGING, ...more }] });

    test('is nothing if the file does not say it, and may be other rules in an environment', () => {
      expect(parseEnvironments(JSON.stringify({ ci: CI, environments: [STAGING] }), 'file').plan).toEqual({
        refuse: [],
        accept: [],
      });
      const own = parseEnvironments(
        JSON.stringify(file({ refuse: ['public-access'], accept: [exception] }, { refuse: [] })),
        'file',
      );
      expect(own).toMatchObject({
        plan: { refuse: ['public-access'], accept: [exception] },
        environments: [{ refuse: [] }],
      });
    });

    test.each([
      [{ refuse: ['everything'] }, 'plan.refuse[0] is "everything", which is none of deletes-stateful, '],
      [{ accept: [{ ...exception, rule: 'all' }] }, 'plan.accept[0].rule is "all", which is none of'],
      [{ accept: [{ ...exception, reason: ' ' }] }, 'plan.accept[0].reason is " ", which is not a text that says why'],
      [{ accept: [{ ...exception, reason: undefined }] }, 'plan.accept[0]: the field "reason" is missing'],
      [{ accept: [{ ...exception, until: undefined }] }, 'plan.accept[0]: the field "until" is missing'],
      [{ accept: [{ ...exception, until: '31.12.2026' }] }, 'plan.accept[0].until is "31.12.2026", which is not a day'],
      [{ accept: [{ ...exception, until: '2026-02-30' }] }, 'plan.accept[0].until is "2026-02-30", which is no day'],
      [{ accept: [{ ...exception, stack: '' }] }, 'plan.accept[0].stack is "", which is not a pattern'],
    ])('given %j, it says what is wrong', (plan, message) => {
      expect(messageOf(file(plan))).toContain(message);
    });
  });

  describe('which releases are not deployed', () => {
    const file = (releases: object) => ({ ci: CI, releases, environments: [STAGING] });

    test.each([
      [{}],
      [{ notBefore: '2026-12-31', revoked: ['ab'.repeat(32)] }],
      [{ notBefore: '2026-12-31T12:00:00Z', revoked: [] }],
    ])('given %j, it is that', (releases) => {
      expect(parseEnvironments(JSON.stringify(file(releases)), 'file')).toMatchObject({ releases });
    });

    test.each([
      [{ notBefore: 'yesterday' }, 'releases.notBefore is "yesterday", which is not a day or a time in UTC'],
      [{ notBefore: '2026-12-31T12:00:00+01:00' }, 'which is not a day or a time in UTC'],
      [{ notBefore: '2026-02-30' }, 'releases.notBefore is "2026-02-30", which is no day of the calendar'],
      [{ notBefore: '2026-02-20T25:00:00Z' }, 'which is no day of the calendar'],
      [{ revoked: ['abc'] }, 'releases.revoked[0] is "abc", which is not the digest of a release'],
      [{ notAfter: '2026-12-31' }, 'releases: the field "notAfter" is unknown'],
    ])('given %j, it says what is wrong', (releases, message) => {
      expect(messageOf(file(releases))).toContain(message);
    });
  });

  test('given an environment that may exist many times, it neither asks nor shares a target with another one', () => {
    const sandbox = { ...STAGING, name: 'sandbox', instances: true };
    expect(parseEnvironments(JSON.stringify({ ci: CI, environments: [STAGING, sandbox] }), 'file')).toMatchObject({
      environments: [{ instances: false }, { instances: true }],
    });
    expect(messageOf({ ci: CI, environments: [{ ...sandbox, approval: true }] })).toContain(
      'environments[0].instances is true, so anybody may make another one, and environments[0].approval is true',
    );
    expect(messageOf({ ci: CI, environments: [sandbox, { ...sandbox, name: 'preview' }] })).toContain(
      'environments[1].targets[0] 111111111111/eu-west-1 is a target of environments[0] too, and both have instances',
    );
  });

  test('given a doubled name, it names both places', () => {
    expect(messageOf({ ci: CI, environments: [STAGING, STAGING] })).toContain(
      'environments[1].name "staging" is already the name of environments[0]',
    );
  });

  test('given the same target twice in one environment, it names both places', () => {
    const twice = { ...STAGING, targets: [...STAGING.targets, ...STAGING.targets] };
    expect(messageOf({ ci: CI, environments: [twice] })).toContain(
      'environments[0].targets[1] 111111111111/eu-west-1 is already environments[0].targets[0]',
    );
  });

  describe('given an environment for development', () => {
    const DEV = { ...STAGING, name: 'dev', development: true };
    const [target] = STAGING.targets;

    test('it may share its targets with another one for development', () => {
      const file = given({ ci: CI, environments: [DEV, { ...DEV, name: 'dev-2' }] });
      expect(readEnvironments(file).environments.map(({ development }) => development)).toEqual([true, true]);
    });

    test('it may be in the account of another environment, in another region', () => {
      const targets = [{ ...target!, region: 'us-east-1' }];
      expect(() => readEnvironments(given({ ci: CI, environments: [{ ...DEV, targets }, STAGING] }))).not.toThrow();
    });

    test.each([
      [
        'that asks for an approval',
        [{ ...DEV, approval: true }],
        'environments[0] has both "development" and "approval"',
      ],
      [
        'with the target of another one',
        [STAGING, DEV],
        'environments[1] is for development and shares 111111111111/eu-west-1 with environments[0], which is not',
      ],
    ])('one %s is refused', (_, environments, expected) => {
      expect(messageOf({ ci: CI, environments })).toContain(expected);
    });
  });

  test('given no JSON, it says so', () => {
    expect(messageOf('{ "ci": ')).toContain('is no valid JSON');
  });

  test('given no file, it says where it should be', () => {
    expect(() => readEnvironments(join(folder, 'nowhere.json'))).toThrow(/nowhere\.json cannot be read/);
  });

  test('given all mistakes at once, it names all of them', () => {
    const message = messageOf({ ci: { account: '1', region: 'x' }, environments: [{ ...STAGING, name: 'Ä' }] });
    expect(message).toContain('ci.account');
    expect(message).toContain('ci.region');
    expect(message).toContain('environments[0].name');
  });

  test('is read for the project graph by its names alone, whatever else is wrong with it', () => {
    const environments = [{ name: 'staging' }, { name: 3 }, { name: 'sandbox', instances: true }];
    expect(environmentOutlines(given({ environments }))).toEqual([
      { name: 'staging', instances: false },
      { name: 'sandbox', instances: true },
    ]);
    expect(environmentOutlines(given('{'))).toEqual([]);
    expect(environmentOutlines(join(folder, 'none.json'))).toEqual([]);
  });
});
