import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readAssembly } from '../assembly/index.ts';
import { Git } from '../deployments/index.ts';
import { describeRelease, writeReleaseManifest } from '../release/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { handOver, knownOf, requireIgnored, takeOver } from './hand-over.ts';

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

test('of what a proposed change hands over, only projects that this checkout has are taken', () => {
  const said: string[] = [];
  const known = (...names: string[]) =>
    knownOf(new Map(names.map((name) => [name, digest])), projects(), (line) => said.push(line));
  expect([...known('blog', 'added').keys()]).toEqual(['blog']);
  expect(said).toEqual(['added is left out: this checkout has no such project that synthesizes.']);
  expect(() => known('added')).toThrow('none of the projects that were handed over');
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
