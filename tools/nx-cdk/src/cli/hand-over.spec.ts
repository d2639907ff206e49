import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readAssembly } from '../assembly/index.ts';
import { Git } from '../deployments/index.ts';
import { describeRelease, writeReleaseManifest } from '../release/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { assembliesOf, handOver, requireIgnored, takeOver } from './hand-over.ts';

let workspace: TemporaryWorkspace;
let digest: string;
const output = () => workspace.path('apps/shop/cdk.out');
const projects = () =>
  new Map([
    ['@acme/shop', output()],
    ['blog', workspace.path('apps/blog/cdk.out')],
  ]);
const hand = () => handOver(projects(), workspace.path('handover'));
const take = (project = '@acme/shop') => takeOver(projects(), workspace.path('handover'), new Map([[project, digest]]));

beforeEach(async () => {
  workspace = temporaryWorkspace({
    'apps/shop/cdk.out/manifest.json': {
      version: '36.0.0',
      artifacts: {
        Shop: {
          type: 'aws:cloudformation:stack',
          environment: 'aws://111111111111/eu-west-1',
          properties: { templateFile: 'Shop.template.json' },
        },
      },
    },
    'apps/shop/cdk.out/Shop.template.json': { Resources: {} },
  });
  const release = await describeRelease(readAssembly(output()), { tools: {} });
  await writeReleaseManifest(output(), release);
  ({ digest } = release);
});
afterEach(() => workspace.dispose());

test('an assembly is handed over to a fresh checkout, with its release', async () => {
  // when
  const releases = await hand();
  rmSync(output(), { recursive: true });
  await take();

  // then
  expect([...releases]).toEqual([['@acme/shop', digest]]);
  expect(JSON.parse(readFileSync(workspace.path('apps/shop/cdk.out/Shop.template.json'), 'utf8'))).toEqual({
    Resources: {},
  });
});

describe('on the way, nothing may change', () => {
  const handedOver = (file: string) => workspace.path('handover/%40acme%2Fshop', file);
  beforeEach(async () => {
    await hand();
    rmSync(output(), { recursive: true });
  });

  test('a template', async () => {
    writeFileSync(handedOver('Shop.template.json'), '{"Resources":{"Admin":{"Type":"AWS::IAM::Role"}}}');
    await expect(take()).rejects.toMatchObject({ code: 'ReleaseMismatch' });
  });

  test('the release, with a manifest that fits', async () => {
    writeFileSync(handedOver('Shop.template.json'), '{"Resources":{"Admin":{"Type":"AWS::IAM::Role"}}}');
    const folder = handedOver('');
    await writeReleaseManifest(folder, await describeRelease(readAssembly(folder), { tools: {} }));
    await expect(take()).rejects.toMatchObject({ code: 'OtherRelease' });
  });

  test('the folder itself, for a link', async () => {
    renameSync(handedOver(''), workspace.path('elsewhere'));
    symlinkSync('../elsewhere', workspace.path('handover/%40acme%2Fshop'));
    await expect(take()).rejects.toMatchObject({ code: 'NoAssembly' });
    expect(existsSync(output())).toBe(false);
  });

  test('the project, for one that this workspace does not have', async () => {
    await expect(take('../shop')).rejects.toMatchObject({ code: 'NoProject' });
  });
});

test('what is in the way stays as it is', async () => {
  await hand();
  await expect(take()).rejects.toMatchObject({ code: 'OutputFolder' });
  await expect(hand()).rejects.toMatchObject({ code: 'OutputFolder' });
});

describe('an assembly is refused where Nx would take a file of it for a project:', () => {
  const check = (ignored: string) => {
    writeFileSync(workspace.path('.gitignore'), ignored);
    spawnSync('git', ['init', '--quiet'], { cwd: workspace.root });
    return requireIgnored(projects(), new Git(workspace.root));
  };

  test('not where git ignores it, be it there or not', async () => {
    await expect(check('cdk.out/\n')).resolves.toBeUndefined();
  });

  test.each(['', 'apps/blog/cdk.out/\n'])('where .gitignore says %j', async (ignored) => {
    await expect(check(ignored)).rejects.toMatchObject({
      code: 'OutputFolder',
      message: expect.stringMatching(/^@acme\/shop: git does not ignore \S+cdk\.out,.*: add it to \.gitignore\.$/),
    });
  });
});

test('an assembly of another tool is not handed over', async () => {
  rmSync(workspace.path('apps/shop/cdk.out/release.json'));
  await expect(hand()).rejects.toMatchObject({
    code: 'NoRelease',
    message: expect.stringMatching(/^@acme\/shop: \S+cdk\.out holds no release\.json.*nx synth @acme\/shop\.$/),
  });
});

test('an assembly is where the synth target of its project writes it', () => {
  const node = (name: string, target: object) => ({ name, data: { root: `apps/${name}`, targets: { synth: target } } });
  const nodes = {
    shop: node('shop', { executor: 'nx-cdk:synth', outputs: ['{projectRoot}/dist/cdk', '!x'], options: {} }),
    infra: node('infra', { executor: 'nx-cdk:synth', outputs: ['{workspaceRoot}/dist/infra'] }),
    named: node('named', { executor: 'nx-cdk:synth', options: { output: '../../out' } }),
    site: node('site', { executor: 'nx:run-commands' }),
  } as never;
  expect([...assembliesOf({ nodes }, '/w')]).toEqual([
    ['infra', '/w/dist/infra'],
    ['named', '/w/out'],
    ['shop', '/w/apps/shop/dist/cdk'],
  ]);
});
