import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { Failure } from '../failure/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { fileContentDigest } from './content-digest.ts';
import { readAssembly } from './read-assembly.ts';

const STACK = {
  type: 'aws:cloudformation:stack',
  environment: 'aws://111111111111/eu-west-1',
  properties: { templateFile: 'Data.template.json' },
};
const ASSETS = { type: 'cdk:asset-manifest', properties: { file: 'Data.assets.json' } };
const manifest = (artifacts: unknown, more: object = {}) => ({ version: '36.0.0', artifacts, ...more });
const nested = (directoryName: string) => ({ type: 'cdk:cloud-assembly', properties: { directoryName } });

/** A stack with one asset, of a source and for a destination. */
const withAsset = (source: object, destination: object = {}, kind = 'files') => ({
  'manifest.json': manifest({ Data: { ...STACK, dependencies: ['Data.assets'] }, 'Data.assets': ASSETS }),
  'Data.assets.json': {
    version: '36.0.0',
    [kind]: {
      abc: {
        source,
        destinations: {
          here: { bucketName: 'b', objectKey: 'k', repositoryName: 'r', imageTag: 't', ...destination },
        },
      },
    },
  },
});

const stack = (fields: object, properties: object = {}) =>
  manifest({ Data: { ...STACK, ...fields, properties: { ...STACK.properties, ...properties } } });

/** What is in the folder `cdk.out`, and what the sentence says. `../` is the folder that must not be reached. */
const CASES: readonly (readonly [string, Record<string, object | string>, RegExp])[] = [
  ['a list of artifacts', { 'manifest.json': manifest([]) }, /artifacts of the manifest is not an object/],
  ['an artifact that is null', { 'manifest.json': manifest({ Data: null }) }, /Data is no object/],
  ['no version', { 'manifest.json': { artifacts: {} } }, /its version is ""/],
  ['an assembly that holds itself', { 'manifest.json': manifest({ Again: nested('.') }) }, /holds itself/],
  [
    'assemblies that hold each other',
    { 'manifest.json': manifest({ a: nested('a') }), 'a/manifest.json': manifest({ b: nested('../a') }) },
    /holds itself, or is held twice/,
  ],
  [
    'an assembly of endless stages',
    Object.fromEntries(
      Array.from({ length: 60 }, (_, depth) => [`${'a/'.repeat(depth)}manifest.json`, manifest({ a: nested('a') })]),
    ),
    /a is nested more than 50 times/,
  ],
  [
    'an assembly outside',
    { 'manifest.json': manifest({ a: nested('../outside') }), '../outside/manifest.json': manifest({}) },
    /manifest\.json names for a the folder .*outside.*, which is outside of the assembly/,
  ],
  [
    'a template outside',
    { 'manifest.json': stack({}, { templateFile: '../secret.json' }) },
    /names as template of Data/,
  ],
  [
    'an asset manifest outside',
    {
      'manifest.json': manifest({
        Data: { ...STACK, dependencies: ['x'] },
        x: { ...ASSETS, properties: { file: '../Data.assets.json' } },
      }),
    },
    /names for x the file .*, which is outside/,
  ],
  ['an asset outside', withAsset({ path: '../secret.json' }), /Data\.assets\.json names as asset abc .*secret\.json/],
  ['an asset by its absolute path', withAsset({ path: '/etc/passwd' }), /names as asset abc \/etc\/passwd/],
  ['an asset behind a link', withAsset({ path: 'link' }), /names as asset abc .*secret\.json, which is outside/],
  ['an image outside', withAsset({ directory: '..' }, {}, 'dockerImages'), /names as image abc/],
  [
    'a Dockerfile outside',
    withAsset({ directory: 'image', dockerFile: '../../secret.json' }, {}, 'dockerImages'),
    /names for image abc the Dockerfile/,
  ],
  ...['../tree.json', 'https://evil.example/Dockerfile', '-'].map(
    (dockerFile) =>
      [
        `a Dockerfile that no release knows: ${dockerFile}`,
        { ...withAsset({ directory: 'image', dockerFile }, {}, 'dockerImages'), 'image/x': '', 'tree.json': '{}' },
        /names for image abc the Dockerfile .*(outside of the folder of the image|which is not in) .*image/,
      ] as const,
  ),
  [
    'a host in place of a region',
    { 'manifest.json': stack({ environment: 'aws://111111111111/evil.example#' }) },
    /is not aws:/,
  ],
  ['no account', { 'manifest.json': stack({ environment: 'aws://me/eu-west-1' }) }, /is not aws:/],
  [
    'an asset for a host',
    withAsset({ path: 'x' }, { region: 'evil.example/' }),
    /sends asset abc to "evil\.example\/"/,
  ],
  [
    'an access point',
    withAsset({ path: 'x' }, { bucketName: 'arn:aws:s3:::x' }),
    /sends asset abc to "arn:aws:s3:::x"/,
  ],
  ['no bucket', withAsset({ path: 'x' }, { bucketName: 5 }), /sends asset abc to 5/],
  [
    'a command that is a text',
    withAsset({ executable: 'rm -rf' }),
    /executable of the source of asset abc is not a list/,
  ],
  [
    'a dependency on what every object has',
    { 'manifest.json': stack({ dependencies: ['constructor'] }) },
    /depend on constructor/,
  ],
  [
    'a role that is no text',
    { 'manifest.json': stack({}, { assumeRoleArn: ['x'] }) },
    /assumeRoleArn of properties of Data/,
  ],
];

let workspace: TemporaryWorkspace | undefined;
afterEach(() => workspace?.dispose());

function given(files: Record<string, object | string>): string {
  const placed = Object.entries(files).map(([name, content]) => [`cdk.out/${name}`, content] as const);
  workspace = temporaryWorkspace({ 'secret.json': '{"secret":true}', ...Object.fromEntries(placed) });
  mkdirSync(workspace.path('cdk.out'), { recursive: true });
  symlinkSync('../secret.json', workspace.path('cdk.out/link'));
  return workspace.path('cdk.out');
}

/** The sentence: one, that names the file and the way out. */
function sentenceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.message).not.toContain('\n');
    expect(error.next).toBeDefined();
    return error.message;
  }
  throw new Error('it was believed');
}

test.each(CASES)('%s is refused in one sentence', (_, files, sentence) => {
  const directory = given(files);
  expect(sentenceOf(() => readAssembly(directory))).toMatch(sentence);
});

describe('what is no file, or too large, is not read', () => {
  const pipe = (path: string) => void execFileSync('mkfifo', [path]);
  const large = (path: string) => {
    writeFileSync(path, '');
    truncateSync(path, 200 * 1024 * 1024);
  };
  const device = (path: string) => symlinkSync('/dev/zero', path);

  test.each([
    ['manifest.json', pipe, /manifest\.json cannot be understood: it is no file/],
    ['manifest.json', device, /\/dev\/zero, which is outside of the assembly/],
    ['manifest.json', large, /manifest\.json cannot be understood: it has 209715200 bytes, and 104857600 are the most/],
    ['Data.assets.json', pipe, /Data\.assets\.json cannot be understood: it is no file/],
    ['Data.assets.json', large, /Data\.assets\.json cannot be understood: it has 209715200 bytes/],
  ])('%s', (name, make, sentence) => {
    const files: Record<string, object> = withAsset({ path: 'x' });
    const others = Object.fromEntries(Object.entries(files).filter(([file]) => file !== name));
    const directory = given(others);
    make(`${directory}/${name}`);
    expect(sentenceOf(() => readAssembly(directory))).toMatch(sentence);
  });

  test('nor is an asset', async () => {
    const directory = given(withAsset({ path: 'pipe', packaging: 'file' }));
    pipe(`${directory}/pipe`);
    const [{ source } = { source: undefined! }] = readAssembly(directory).files;
    await expect(fileContentDigest(source)).rejects.toThrow('it is no file');
  });
});

test('a link in an asset may lead to another file of it, and to nothing else', async () => {
  const directory = given({
    ...withAsset({ path: 'asset', packaging: 'zip' }),
    'asset/a.txt': 'a',
    'other/b.txt': 'b',
  });
  symlinkSync('a.txt', `${directory}/asset/inside`);
  const [{ source } = { source: undefined! }] = readAssembly(directory).files;
  expect(await fileContentDigest(source)).toMatch(/^[0-9a-f]{64}$/);

  symlinkSync('../other', `${directory}/asset/outside`);
  await expect(fileContentDigest(source)).rejects.toMatchObject({
    code: 'OutsideAssembly',
    message: expect.stringMatching(/^The link .*asset\/outside leads to .*other, out of its asset: let CDK copy/),
  });
});

test.each(['Dockerfile', 'Containerfile', '.dockerignore', 'Dockerfile.dockerignore'])(
  'an image is built by no %s that leads out of its folder',
  (name) => {
    const directory = given({
      ...withAsset({ directory: 'image' }, {}, 'dockerImages'),
      'image/x': '',
      'tree.json': '',
    });
    symlinkSync('x', `${directory}/image/${name}`);
    expect(readAssembly(directory).images).toHaveLength(1);
    rmSync(`${directory}/image/${name}`);
    symlinkSync('../tree.json', `${directory}/image/${name}`);
    expect(sentenceOf(() => readAssembly(directory))).toMatch(
      /tree\.json, which is outside of the folder of the image/,
    );
  },
);

test('a name that every object has is a name like any other', () => {
  const directory = given({
    'manifest.json': `{"version":"36.0.0","artifacts":{"__proto__":${JSON.stringify(STACK)}}}`,
  });
  expect(readAssembly(directory).stacks.map(({ id }) => id)).toEqual(['__proto__']);
  expect(({} as { type?: unknown }).type).toBeUndefined();
});
