import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsProxy } from 'aws-proxy';
import { Agent } from 'node:https';
import {
  CI,
  type NxWorkspace,
  nxWorkspace,
  openTestBed,
  type Place,
  type ProcessResult,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  startProcess,
  statement,
  type TestBed,
} from 'test-bed';
import { Shop, callerNamed, parameterKey, zonesKey } from './shop.ts';

const CHECKOUT = resolve(import.meta.dirname, '..', '..', '..', '..');
const LOOKUP_ROLE = `cdk-hnb659fds-lookup-role-${STAGING.account}-${STAGING.region}`;
const PLUGIN = '@nx-cdk/cdk-assume-role-credential-plugin';
const ENVIRONMENTS = {
  ci: CI,
  environments: [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
    // An account that prod has already, and with it the role.
    { name: 'disaster', targets: [{ ...PROD, region: 'eu-central-1' }] },
  ],
};

let bed: TestBed;
let workspace: NxWorkspace;
let shop: Shop;
let proxy: AwsProxy;
/** The role of CI that looks things up, and one of the same account that is none of those. */
let lookups: Record<string, string>;
let somebody: Record<string, string>;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  shop = new Shop(workspace);
  proxy = await bed.proxy();
  await writeFile(join(workspace.root, 'environments.json'), JSON.stringify(ENVIRONMENTS));
  [lookups, somebody] = await Promise.all([
    callerNamed(bed.local, 'nx-cdk-lookups'),
    callerNamed(bed.local, 'somebody'),
  ]);
  await Promise.all([STAGING, PROD].map((place) => put(place, 'small')));
  // Only staging lets CI look things up by its bootstrap; the bed bootstrapped prod without.
  const options = { environmentsFile: 'environments.json', environment: 'staging' };
  expect(await run('bootstrap', options)).toEndWith(0);
  await makeReadOnlyRoles();
});

afterAll(async () => {
  await bed?.close();
});

/** Deploys apps/required-resources, as it is. */
async function makeReadOnlyRoles(): Promise<void> {
  const folder = join(CHECKOUT, 'apps', 'required-resources');
  const { context } = JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8')) as { context: object };
  const file = join(workspace.root, 'environments.json');
  await shop.writeCdkJson({
    app: `node ${join(folder, 'src', 'main.ts')}`,
    output: 'roles.out',
    context: { ...context, 'nx-cdk:environments': file },
  });
  expect(await run('synth', {}, { CI: 'true' })).toEndWith(0);
  for (const step of ['publish', 'deploy']) {
    expect(await run(step, { assembly: 'roles.out', environmentsFile: 'environments.json' })).toMatchObject({
      code: 0,
    });
  }
}

/** Runs an executor on the shop, through the proxy. */
function run(executor: string, options: object, env: Readonly<Record<string, string>> = {}): Promise<ProcessResult> {
  return startExecutors(workspace.root, [[executor, options]], { ...bed.environment(proxy), ...env }).ended;
}

/** Runs the stock CLI in the shop's folder. */
function cdk(args: readonly string[], env: Readonly<Record<string, string>>): Promise<ProcessResult> {
  return startProcess(join(CHECKOUT, 'node_modules', '.bin', 'cdk'), args, {
    cwd: workspace.app,
    env: workspace.environment({
      ...bed.local.foreignEnvironment(),
      AWS_ENDPOINT_URL: proxy.endpoint,
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      ...env,
    }),
  }).ended;
}

async function put(place: Place, value: string): Promise<void> {
  const parameter = { Name: '/shop/size', Value: value, Type: 'String', Overwrite: true } as const;
  await rootClients(bed.local, place).ssm().send(new PutParameterCommand(parameter));
}

/** Names of the roles whose sessions made a request, sorted. */
function rolesAtWork(): string[] {
  return [...new Set(proxy.requests.flatMap(({ role }) => role ?? []))].toSorted();
}

function expectNoSecrets({ output }: ProcessResult): void {
  for (const { AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token } of [lookups, somebody]) {
    expect(output).not.toContain(key);
    expect(output).not.toContain(token);
  }
  expect(output).not.toMatch(/SecretAccessKey|secretAccessKey|SessionToken/);
}

test('nx bootstrap lets the CI account look things up', async () => {
  const { Stacks: stacks } = await rootClients(bed.local, STAGING)
    .cloudFormation()
    .send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
  const trusted = stacks?.[0]?.Parameters?.find(({ ParameterKey: key }) => key === 'TrustedAccountsForLookup');
  expect(trusted?.ParameterValue).toBe(CI.account);
});

test('an environment for which required-resources has nothing gets the release, and is deployed at once', async () => {
  const where = { assembly: 'roles.out', environmentsFile: 'environments.json', environment: 'disaster' };
  const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  for (const [step, who] of [['publish', {}] as const, ['deploy', nobody] as const]) {
    const { code, output } = await run(step, where, who);
    expect(output).toContain('The app has no stack for the environment disaster: there is nothing to do.');
    expect({ code, output }).toEndWith(0);
  }
});

describe('where the bootstrap lookup role trusts CI', () => {
  beforeEach(async () => {
    await put(STAGING, 'small');
    await shop.give([STAGING]);
    proxy.reset();
  });

  test('nx lookups looks up with that role and no other, and writes the file sorted', async () => {
    const end = await run('lookups', {}, lookups);

    expect(end).toEndWith(0);
    expect(end.output).toMatch(/ssm \/shop\/size of 111111111111\/eu-west-1 +small +added/);
    expect(end.output).toContain('cdk.context.json written: commit it, 2 looked-up values');
    expect(rolesAtWork()).toEqual([LOOKUP_ROLE]);
    expect(await shop.context()).toMatch(
      new RegExp(
        `^{\\n  "${zonesKey(STAGING)}": \\[\\n    "eu-west-1a"[^\\]]*\\],\\n  "${parameterKey(STAGING)}": "small"\\n}\\n$`,
      ),
    );
    expectNoSecrets(end);
  });

  test('a value that is there is kept, until somebody asks for it again', async () => {
    await run('lookups', {}, lookups);
    await put(STAGING, 'large');
    const kept = await run('lookups', {}, lookups);
    expect(kept.output).toMatch(/ssm \/shop\/size of \S+ +small +kept/);
    expect(kept.output).toContain('cdk.context.json unchanged');

    const one = await run('lookups', { key: 'ssm *' }, lookups);
    expect(one.output).toMatch(/ssm \/shop\/size of \S+ +small -> large +changed/);
    expect(one.output).toMatch(/availability-zones of \S+ .* kept/);

    await put(STAGING, 'huge');
    const all = await run('lookups', { refresh: true }, lookups);
    expect(all.output).toMatch(/ssm \/shop\/size of \S+ +large -> huge +changed/);
    expect(all.output).toMatch(/availability-zones of \S+ .* unchanged/);
    expect(rolesAtWork()).toEqual([LOOKUP_ROLE]);
  });

  test('a refresh drops what nobody asks for, keeps what somebody wrote, and changes nothing where it fails', async () => {
    // given a value of an app of earlier times, and a setting
    const file = join(workspace.app, 'cdk.context.json');
    const old = { [parameterKey({ ...STAGING, region: 'eu-north-1' })]: 'old', mine: { kept: true } };
    await writeFile(file, JSON.stringify(old));
    // when somebody refreshes who may not
    proxy.fail({ match: { service: 'ssm' }, with: { status: 400, code: 'ValidationException' }, times: Infinity });
    const failed = await run('lookups', { refresh: true }, lookups);
    // then
    expect(failed).toEndWith(1);
    expect(failed.output).toMatch(/^error: shop could not look up ssm \/shop\/size of 111111111111\/eu-west-1: /m);
    expect(JSON.parse((await shop.context()) ?? '')).toEqual(old);

    // when all is well again
    proxy.reset();
    const done = await run('lookups', { refresh: true }, lookups);
    expect(done.output).toMatch(/eu-north-1 +old +removed: not used any more/);
    expect(JSON.parse((await shop.context()) ?? '')).toMatchObject({
      mine: { kept: true },
      [parameterKey(STAGING)]: 'small',
    });
    expect(await shop.context()).not.toContain('eu-north-1');
  });

  test('a parameter that is not there is named', async () => {
    await shop.give([{ ...STAGING, region: 'eu-west-1' }], {});
    const app = join(workspace.app, 'app.mjs');
    await writeFile(app, readFileSync(app, 'utf8').replace('/shop/size', '/shop/none'));
    const { code, output } = await run('lookups', {}, lookups);
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(
      /^error: shop could not look up ssm \/shop\/none of 111111111111\/eu-west-1: SSM parameter not available in account 111111111111, region eu-west-1: \/shop\/none\.$/m,
    );
    expect(await shop.context()).toBeUndefined();
  });

  test('CI refuses and names all that is missing; once it is committed, CI needs no credentials at all', async () => {
    const nothing = { AWS_ENDPOINT_URL: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', CI: 'true' };
    const refused = await run('synth', {}, { ...lookups, CI: 'true' });
    expect(refused).toEndWith(1);
    expect(refused.output).toMatch(
      /^error: shop needs (?=.*availability-zones of 111111111111\/eu-west-1)(?=.*ssm \/shop\/size of 111111111111\/eu-west-1).*run nx lookups shop on a machine with credentials, and commit cdk\.context\.json\.$/m,
    );
    expect(proxy.requests).toEqual([]);

    expect(await run('lookups', {}, { ...lookups, CI: 'true' })).toEndWith(0);
    proxy.reset();
    expect(await run('synth', {}, nothing)).toEndWith(0);
    expect(proxy.requests).toEqual([]);
  });

  test('--lookups and --no-lookups say otherwise', async () => {
    expect(await run('synth', { lookups: false }, lookups)).toEndWith(1);
    expect(await run('synth', { lookups: true }, { ...lookups, CI: 'true' })).toEndWith(0);
    expect(await shop.context()).toContain(parameterKey(STAGING));
    expect(rolesAtWork()).toEqual([LOOKUP_ROLE]);
  });
});

describe.each([
  ['does not trust CI', endTrustOfLookupRole],
  ['is absent', deleteLookupRole],
])('where the bootstrap lookup role %s', (_, prepare) => {
  beforeAll(prepare);
  beforeEach(async () => {
    await shop.give([PROD], { plugin: [PLUGIN] });
    proxy.reset();
  });

  test('nx lookups says so, and what to do', async () => {
    await shop.give([PROD]);
    const end = await run('lookups', {}, lookups);
    expect(end).toEndWith(1);
    expect(end.output).toMatch(
      /^error: shop could not look up [^:]*222222222222\/us-east-1: \S+ may not sts:AssumeRole \S+:role\/cdk-hnb659fds-lookup-role-222222222222-us-east-1: .*\(nx bootstrap\)/m,
    );
    expect(await shop.context()).toBeUndefined();
    expectNoSecrets(end);
  });

  test.each(['lookups', 'synth'])('nx %s takes the plugin of cdk.json, and its role for reading', async (executor) => {
    const end = await run(executor, {}, lookups);
    expect(end).toEndWith(0);
    expect(JSON.parse((await shop.context()) ?? '')).toMatchObject({ [parameterKey(PROD)]: 'small' });
    expect(rolesAtWork()).toContain('cdk-readOnlyRole');
    expect(rolesAtWork()).not.toContainEqual(expect.stringMatching(/deploy|publishing|write|Organization/));
    expect(end.output).not.toContain('Proceeding anyway');
    expectNoSecrets(end);
  });

  test.each([
    ['--plugin and its name', ['--plugin', PLUGIN], {}],
    ['--plugin and its folder', ['--plugin', join(CHECKOUT, 'tools/cdk-assume-role-credential-plugin')], {}],
    ['cdk.json', [], { plugin: [PLUGIN] }],
  ])('so does the stock CLI, told by %s', async (__, args, cdkJson) => {
    await shop.give([PROD], cdkJson);
    const end = await cdk(['synth', ...args], lookups);
    expect(end).toEndWith(0);
    expect(JSON.parse((await shop.context()) ?? '')).toMatchObject({ [parameterKey(PROD)]: 'small' });
    expect(rolesAtWork()).toContain('cdk-readOnlyRole');
    expect(end.output).not.toMatch(/ExperimentalWarning|DeprecationWarning/);
    expectNoSecrets(end);
  });

  test('somebody else of the CI account gets a sentence, from each of them', async () => {
    const sentence =
      /^cdk-assume-role-credential-plugin: The role cdk-readOnlyRole of account 222222222222 cannot be assumed: \S+somebody\S+ may not; .*\.$/m;
    const ours = await run('lookups', {}, somebody);
    expect(ours).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
    expect(ours.output).toMatch(/^error: shop could not look up .*, and no plugin has credentials for it\.$/m);
    expect(await shop.context()).toBeUndefined();
    const stock = await cdk(['synth'], somebody);
    expect(stock.code).not.toBe(0);
    expect(stock.output).toMatch(sentence);
    for (const end of [ours, stock]) expectNoSecrets(end);
    expect(rolesAtWork()).toEqual([]);
  });
});

test('the stock CLI is left to the lookup role where the plugin has no role', async () => {
  await shop.give([STAGING], { context: { places: [STAGING], 'assume-role-credentials:readIamRoleName': 'none' } });
  proxy.reset();
  const end = await cdk(['synth', '--plugin', PLUGIN], lookups);
  expect(end).toEndWith(0);
  expect(end.output).toContain('The role none of account 111111111111 cannot be assumed');
  expect(rolesAtWork()).toContain(LOOKUP_ROLE);
});

const PROD_LOOKUP_ROLE = `cdk-hnb659fds-lookup-role-${PROD.account}-${PROD.region}`;

/** As in an account that was bootstrapped without --trust. */
async function endTrustOfLookupRole(): Promise<void> {
  const iam = iamOfProd();
  const PolicyDocument = JSON.stringify(statement({ Principal: { AWS: PROD.account }, Action: 'sts:AssumeRole' }));
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: PROD_LOOKUP_ROLE, PolicyDocument }));
  iam.destroy();
}

/** As in an account that was bootstrapped long ago, or by somebody else. */
async function deleteLookupRole(): Promise<void> {
  const iam = iamOfProd();
  const role = { RoleName: PROD_LOOKUP_ROLE };
  const { PolicyNames: names = [] } = await iam.send(new ListRolePoliciesCommand(role));
  for (const PolicyName of names) await iam.send(new DeleteRolePolicyCommand({ ...role, PolicyName }));
  const { AttachedPolicies: attached = [] } = await iam.send(new ListAttachedRolePoliciesCommand(role));
  for (const { PolicyArn } of attached) await iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn }));
  await iam.send(new DeleteRoleCommand(role));
  iam.destroy();
}

function iamOfProd(): IAMClient {
  return new IAMClient({
    region: PROD.region,
    endpoint: bed.local.endpoint,
    credentials: bed.local.credentialsFor(PROD.account),
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(bed.local.caFile) }) }),
  });
}
