import { readEnvironments } from '@nx-cdk/environments';
import type { ProgressEvent } from '../progress/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import type { Command } from './define-executor.ts';
import { type ScopeOptions, type ScopeSettings, openScope } from './scope.ts';

const STAGING = { account: '111111111111', region: 'eu-west-1' };
const PROD = { account: '222222222222', region: 'us-east-1' };
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b';
const FILE = { environmentsFile: 'environments.json' };

let workspace: TemporaryWorkspace;
let read: string[];
let events: ProgressEvent[];
beforeAll(() => {
  const stack = ({ account, region }: typeof PROD, displayName: string) => ({
    type: 'aws:cloudformation:stack',
    environment: `aws://${account}/${region}`,
    displayName,
    properties: { templateFile: 'stack.template.json', stackName: displayName.replace('/', '-') },
  });
  workspace = temporaryWorkspace({
    'environments.json': {
      ci: STAGING,
      signing: { key: KEY },
      environments: [
        { name: 'staging', targets: [STAGING] },
        { name: 'prod', targets: [PROD] },
      ],
    },
    'shop/cdk.out/stack.template.json': { Resources: {} },
    'shop/cdk.out/manifest.json': {
      version: '36.0.0',
      artifacts: { One: stack(STAGING, 'staging/Data'), Two: stack(PROD, 'prod/Data') },
    },
  });
});
beforeEach(() => ((read = []), (events = [])));
afterAll(() => workspace.dispose());

function open(options: ScopeOptions, settings?: ScopeSettings, workspaceFile?: string) {
  const command = {
    workspaceRoot: workspace.root,
    projectRoot: workspace.path('shop'),
    projectName: 'shop',
    listener: (event: ProgressEvent) => void events.push(event),
    environments: (file: string) => {
      read.push(file);
      return readEnvironments(workspace.path(file));
    },
    workspaceFile: () => workspaceFile,
    aws: () => Promise.reject(new Error('AWS was asked for')),
  } as unknown as Command;
  return openScope(command, options, settings);
}

test('a scope has all that a command is about, of one look at the environments file', async () => {
  const scope = await open({ ...FILE, environment: 'prod', targets: '222222222222/*', parameters: 'Size=2' });

  expect(scope).toMatchObject({
    project: 'shop',
    stacks: ['prod/Data'],
    promotion: [{ name: 'prod', stackIds: ['prod/Data'] }],
    targets: { patterns: ['222222222222/*'] },
    signing: { key: KEY, algorithm: 'ECDSA_SHA_256' },
    release: undefined,
  });
  expect(scope.parameters.unused()).toEqual(['Size']);
  expect(read).toEqual(['environments.json']);
});

test('stacks are deployed as their environment says, and as somebody says now', async () => {
  workspace.write('express.json', {
    ci: STAGING,
    environments: [
      { name: 'staging', deploymentMode: 'express', targets: [STAGING] },
      { name: 'prod', targets: [PROD] },
    ],
  });
  const modes = async (options: ScopeOptions) => {
    const { deploymentMode } = await open(options);
    return ['staging/Data', 'prod/Data', 'Data'].map(deploymentMode);
  };
  const file = { environmentsFile: 'express.json' };
  expect(await modes(file)).toEqual(['express', 'standard', 'standard']);
  expect(await modes({ ...file, express: true })).toEqual(['express', 'express', 'express']);
  expect(await modes({ ...file, express: false })).toEqual(['standard', 'standard', 'standard']);
  expect(await modes({})).toEqual(['standard', 'standard', 'standard']);
});

test('an app that names another file, or none, has the rules of the workspace all the same', async () => {
  workspace.write('own.json', { ci: STAGING, environments: [{ name: 'prod', targets: [STAGING, PROD] }] });
  const filesOf = async (options: ScopeOptions, workspaceFile?: string) =>
    (await open(options, {}, workspaceFile)).files.map(({ file }) => file);
  const [shared, own] = ['environments.json', 'own.json'].map((name) => workspace.path(name));
  expect(await filesOf(FILE, 'environments.json')).toEqual([shared]);
  expect(await filesOf({ environmentsFile: 'own.json', stacks: 'prod/*' }, 'environments.json')).toEqual([shared, own]);
  expect(await filesOf({}, 'environments.json')).toEqual([shared]);
  expect(await filesOf({})).toEqual([]);
});

test('without an environments file there is nothing to read, no order and no key', async () => {
  expect(await open({})).toMatchObject({ stacks: ['staging/Data', 'prod/Data'], promotion: [], signing: undefined });
  expect(read).toEqual([]);
});

test('who wants to be asked about prod is asked about all that goes there, whatever a stack is called', async () => {
  workspace.write('guarded.json', {
    ci: STAGING,
    environments: [
      { name: 'staging', targets: [STAGING] },
      { name: 'prod', approval: true, targets: [PROD] },
    ],
  });
  const ids = ['staging/Data', 'prod/Data', 'Data', 'Prod/Data', 'x/prod/Data'];
  const properties = { templateFile: 'stack.template.json' };
  const stacks = ids.map((displayName) => {
    const { account, region } = displayName === 'staging/Data' ? STAGING : PROD;
    const environment = `aws://${account}/${region}`;
    return [
      displayName.replaceAll('/', '-'),
      { type: 'aws:cloudformation:stack', environment, displayName, properties },
    ];
  });
  workspace.write('shop/guarded.out/stack.template.json', { Resources: {} });
  workspace.write('shop/guarded.out/manifest.json', { version: '36.0.0', artifacts: Object.fromEntries(stacks) });

  const { guarded } = await open({ environmentsFile: 'guarded.json', assembly: 'guarded.out' });

  expect(guarded).toEqual(new Map(ids.slice(1).map((id) => [id, 'prod'])));
});

test('no stack in the chosen targets is told: a pipeline asks every app for every group', async () => {
  const { stacks } = await open({ ...FILE, environment: 'staging', targets: '111111111111/*', stacks: 'staging/*' });
  expect(stacks).toEqual(['staging/Data']);
  expect(events).toEqual([]);

  const other = await open({ ...FILE, stacks: 'staging/Data', targets: '222222222222/*' });
  expect(other.stacks).toEqual([]);
  const text = 'No stack of shop goes to 222222222222/*: there is nothing to deploy.';
  expect(events).toEqual([{ type: 'message', level: 'info', text }]);
});

test('if assets are limited to targets, stacks are not', async () => {
  const { stacks, targets } = await open({ ...FILE, targets: '222222222222/*' }, { assets: true });
  expect(stacks).toEqual(['staging/Data', 'prod/Data']);
  expect([targets!.includes(STAGING), targets!.includes(PROD)]).toEqual([false, true]);
});

test('assets that only the CDK CLI publishes are told, where they have to be published', async () => {
  const properties = { templateFile: 'stack.template.json' };
  const metadata = { '/Old/Code': [{ type: 'aws:cdk:asset', data: {} }] };
  const environment = 'aws://111111111111/eu-west-1';
  const Old = { type: 'aws:cloudformation:stack', environment, properties, metadata };
  workspace.write('shop/old.out/stack.template.json', { Resources: {} });
  workspace.write('shop/old.out/manifest.json', { version: '36.0.0', artifacts: { Old } });

  expect((await open({ assembly: 'old.out' })).stacks).toEqual(['Old']);
  await expect(open({ assembly: 'old.out' }, { published: true })).rejects.toMatchObject({
    code: 'LegacyAssets',
    message: expect.stringMatching(/^Old: it has assets of LegacyStackSynthesizer .*use DefaultStackSynthesizer/),
  });
});

test.each<[string, ScopeOptions, ScopeSettings]>([
  ['--release', { ...FILE, release: '0'.repeat(64) }, { release: { requiredBy: 'A plan' } }],
  ['A plan', FILE, { release: { requiredBy: 'A plan' } }],
  [`The signing key ${KEY}`, FILE, { release: {} }],
])('%s needs a release', async (what, options, settings) => {
  await expect(open(options, settings)).rejects.toMatchObject({
    code: 'NoRelease',
    what: expect.stringContaining(
      `${what} needs a release, and ${workspace.path('shop/cdk.out')} holds no release.json`,
    ),
  });
});

test('an assembly of another tool will do if nothing needs a release, with a warning', async () => {
  expect((await open({}, { release: {} })).release).toBeUndefined();
  const text = (wanted: string) => expect.stringContaining(wanted);
  expect(events).toEqual([
    expect.objectContaining({
      level: 'info',
      text: text('goes to 111111111111/eu-west-1, 222222222222/us-east-1, as'),
    }),
    expect.objectContaining({ level: 'warning', text: text('release.json') }),
  ]);
});
