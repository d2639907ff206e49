import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack, Stage } from 'aws-cdk-lib/core';
import {
  CI,
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  type Place,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';

let bed: TestBed;
let workspace: NxWorkspace;

// Given two environments, and a caller who may take every role of both: nothing but the admission is in the way
beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ];
  writeFileSync(join(workspace.root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
});

afterAll(async () => {
  await bed?.close();
});

/** An app with a stage for each environment, each with one stack. */
function app(name: string, staging: Place = STAGING): string {
  return synth(bed.folder, name, (root) => {
    const stages = { staging, prod: PROD };
    for (const [stage, env] of Object.entries(stages)) {
      new CfnQueue(new Stack(new Stage(root, stage), 'Data', { env, stackName: `${name}-${stage}` }), 'Queue');
    }
  }).directory;
}

const assetsOf = (folder: string) =>
  join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.assets.json'))!,
  );

/** Changes texts of a file of an assembly, as somebody would who may write it. */
function tamper(file: string, ...changes: readonly (readonly [string, string])[]): void {
  const text = changes.reduce((before, [from, to]) => before.replaceAll(from, to), readFileSync(file, 'utf8'));
  expect(text).not.toBe(readFileSync(file, 'utf8'));
  writeFileSync(file, text);
}

const run = (executor: string, options: object) =>
  startExecutors(workspace.root, [[executor, { environmentsFile: 'environments.json', ...options }]], bed.environment())
    .ended;

async function statusOf(place: Place, stackName: string): Promise<string | undefined> {
  const question = new DescribeStacksCommand({ StackName: stackName });
  return rootClients(bed.local, place)
    .cloudFormation()
    .send(question)
    .then(
      ({ Stacks: [stack] = [] }) => stack?.StackStatus,
      () => undefined,
    );
}

test('a deployment to staging does not reach prod because a manifest sends it there', async () => {
  const options = { assembly: app('Sent', PROD), environment: 'staging' };
  const sentence =
    /^error: staging\/Data: .*manifest\.json sends it to 222222222222\/us-east-1, which is no target of staging: /m;
  for (const executor of ['publish', 'deploy', 'plan', 'diff', 'rollback', 'refactor', 'destroy']) {
    expect(await run(executor, options)).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
  }
  // Nor does a deployment to all environments
  expect(await run('deploy', { ...options, environment: undefined })).toMatchObject({ code: 1 });
  expect(await statusOf(PROD, 'Sent-staging')).toBeUndefined();
});

test.each([
  ['an administrator role', 'cdk-hnb659fds-deploy-role-${AWS::AccountId}-${AWS::Region}', 'Administrator'],
  [
    'the deploy role of prod',
    '${AWS::AccountId}:role/cdk-hnb659fds-deploy-role-${AWS::AccountId}-${AWS::Region}',
    `${PROD.account}:role/cdk-hnb659fds-deploy-role-${PROD.account}-${PROD.region}`,
  ],
  ['another execution role', 'cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}', 'Administrator'],
])('%s is not used because a manifest names it', async (what, from, to) => {
  const name = what.replaceAll(/\W/g, '');
  const assembly = app(name);
  const [account, region] = [STAGING.account, STAGING.region];
  const known = from.replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region);
  tamper(join(assembly, 'assembly-staging', 'manifest.json'), [known, to]);

  const { code, output } = await run('deploy', { assembly, environment: 'staging' });

  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /^error: staging\/Data: \w+Arn in .*manifest\.json is arn:.*, which is no .* role of/m,
    ),
  });
  expect(output).toMatch(/or name the role in "roles\.\w+" in .*environments\.json/);
  expect(await statusOf(STAGING, `${name}-staging`)).toBeUndefined();
});

test("nothing is published to a stranger's bucket, or with another role", async () => {
  const STRANGER: Place = { account: '333333333333', region: STAGING.region };
  const s3 = rootClients(bed.local, STRANGER).s3();
  const LocationConstraint = STAGING.region as 'eu-west-1';
  await s3.send(new CreateBucketCommand({ Bucket: 'strangers', CreateBucketConfiguration: { LocationConstraint } }));
  const assembly = app('Stolen');
  const folder = join(assembly, 'assembly-staging');
  const assets = assetsOf(folder);
  const bucket = `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`;
  tamper(assets, [bucket, 'strangers']);
  const options = { assembly, environment: 'staging' };

  // The account is that of the stack, the bucket is not in it
  expect(await run('publish', options)).toMatchObject({ code: 1 });
  // And the stack is not the stranger's because its manifest says so
  tamper(join(folder, 'manifest.json'), [`aws://${STAGING.account}/`, `aws://${STRANGER.account}/`]);
  tamper(assets, [`::${STAGING.account}:`, `::${STRANGER.account}:`]);
  expect(await run('publish', options)).toMatchObject({
    code: 1,
    output: expect.stringMatching(/sends it to 333333333333\/eu-west-1, which is no target of staging/),
  });
  expect((await s3.send(new ListObjectsV2Command({ Bucket: 'strangers' }))).Contents ?? []).toEqual([]);

  // when
  const other = app('OtherRole');
  tamper(assetsOf(join(other, 'assembly-staging')), ['file-publishing-role', 'deploy-role']);
  // then
  expect(await run('publish', { ...options, assembly: other })).toMatchObject({
    code: 1,
    output: expect.stringMatching(/assumeRoleArn in .*assets\.json is .*deploy-role.*, which is no publishing role/),
  });
});

test('an assembly makes publish run no command, and read nothing but its own files', async () => {
  const proof = join(bed.folder, 'proof');
  const assembly = app('Data');
  const assets = assetsOf(join(assembly, 'assembly-staging'));
  const before = readFileSync(assets, 'utf8');
  const withSource = (source: object) => {
    const manifest = JSON.parse(before) as { files: Record<string, { source: object }> };
    const destinations = {
      here: { bucketName: `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`, objectKey: 'x' },
    };
    Object.assign(manifest.files, { stolen: { source, destinations } });
    writeFileSync(assets, JSON.stringify(manifest));
  };
  const options = { assembly, environment: 'staging' };

  withSource({ executable: ['sh', '-c', `env > ${proof}; echo ${assets}`] });
  expect(await run('publish', options)).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /^error: stolen: .*assets\.json asks for "executable".*add "executables" to .*"allow"/m,
    ),
  });
  expect(existsSync(proof)).toBe(false);
  // It is the workspace that allows it, and even then there are no credentials
  await run('publish', { ...options, allow: ['executables'] });
  expect(readFileSync(proof, 'utf8')).toContain('PATH=');
  expect(readFileSync(proof, 'utf8')).not.toMatch(/^AWS_/m);

  for (const path of ['../../secret', '/etc/passwd']) {
    withSource({ path, packaging: 'file' });
    expect(await run('publish', options)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/names as asset stolen .*, which is outside of the assembly/),
    });
  }
});

test('deleting staging leaves prod alone, also if a manifest makes prod depend on it', async () => {
  const assembly = synth(bed.folder, 'Kept', (root) => {
    const [first, second] = [
      new Stack(root, 'First', { env: STAGING, stackName: 'Kept-staging' }),
      new Stack(root, 'Second', { env: PROD, stackName: 'Kept-prod' }),
    ];
    for (const stack of [first, second]) new CfnQueue(stack, 'Queue');
    second.addStackDependency(first);
  }).directory;
  // CDK makes no such dependency
  const names = [
    ['"displayName": "First"', '"displayName": "staging/Data"'],
    ['"displayName": "Second"', '"displayName": "prod/Data"'],
  ] as const;
  tamper(join(assembly, 'manifest.json'), ...names);
  for (const executor of ['publish', 'deploy']) expect(await run(executor, { assembly })).toMatchObject({ code: 0 });

  const { code, output } = await run('destroy', { assembly, environment: 'staging', force: true });

  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringMatching(/prod\/Data depends on what was chosen, and is not of the environment staging/),
  });
  expect(await statusOf(PROD, 'Kept-prod')).toBe('CREATE_COMPLETE');
  expect(await statusOf(STAGING, 'Kept-staging')).toBe('CREATE_COMPLETE');
});

test('roles that the environments file names are used, and no others', async () => {
  const assembly = app('Named');
  const name = `cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`;
  const file = 'other.json';
  const environments = (roles: object) =>
    writeFileSync(
      join(workspace.root, file),
      JSON.stringify({ ci: CI, qualifier: 'other', roles, environments: [{ name: 'staging', targets: [STAGING] }] }),
    );
  const options = { assembly, environmentsFile: file, environment: 'staging', dryRun: true };

  environments({});
  expect(await run('deploy', options)).toMatchObject({ code: 1, output: expect.stringContaining('"roles.deploy"') });
  environments({ deploy: [name] });
  expect(await run('deploy', options)).toMatchObject({ code: 1, output: expect.stringContaining('"roles.execution"') });
  environments({ qualifiers: ['hnb659fds'] });
  expect(await run('deploy', options)).toMatchObject({ code: 0 });
});

test('an app without an environments file says which accounts it goes to, and keeps to roles of the right kind', async () => {
  const assembly = synth(bed.folder, 'Alone', (root) => {
    new CfnQueue(new Stack(root, 'Data', { env: STAGING, stackName: 'Alone' }), 'Queue');
  }).directory;
  const options = { assembly, environmentsFile: undefined, dryRun: true };
  expect(await run('publish', options)).toMatchObject({
    code: 0,
    output: expect.stringContaining('shop goes to 111111111111/eu-west-1, as its assembly says'),
  });

  tamper(join(assembly, 'manifest.json'), ['-deploy-role-', '-file-publishing-role-']);
  const refused = await run('deploy', options);
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringContaining('or name the role in the option admitRoles'),
  });
  const name = `cdk-hnb659fds-file-publishing-role-${STAGING.account}-${STAGING.region}`;
  const { output } = await run('deploy', { ...options, admitRoles: name });
  expect(output).not.toMatch(/admitRoles/);
});
