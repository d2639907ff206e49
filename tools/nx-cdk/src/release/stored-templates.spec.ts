import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import type { AssemblyStack } from '../assembly/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import type { ReleaseManifest } from './model.ts';
import { storedTemplates } from './stored-templates.ts';
import { FakeAccount, fileOf, sha256, stackOf } from './testing/fake-account.ts';

const CONTENT = '{"Resources":{}}';

let workspace: TemporaryWorkspace;
let cloud: FakeAccount;
let file: string;

beforeEach(() => {
  workspace = temporaryWorkspace({ 'release/manifest.json': '{}' });
  file = workspace.path('release/nested.json');
  cloud = new FakeAccount();
  cloud.put('assets', 'nested.json', CONTENT);
});
afterEach(() => workspace.dispose());

/** Brings the template of a stack that is nested in `Data`. */
async function bring({ path = file, sha256: listed = sha256(CONTENT) } = {}): Promise<void> {
  const directory = workspace.path('release');
  const name = path.slice(directory.length + 1);
  const asset = { ...fileOf(name, 'file', directory), key: 'nested.json' };
  const stack = { ...stackOf('Data', [asset]), deployRole: { arn: 'arn:aws:iam::111111111111:role/deploy' } };
  const assets = [{ id: name, kind: 'file', packaging: 'file', path: name, sha256: listed }];
  const manifest = { digest: 'ab'.repeat(32), assets } as unknown as ReleaseManifest;
  await storedTemplates({ directory }, manifest, cloud.aws)(stack as AssemblyStack, path);
}

const gets = () => cloud.asked.filter((one) => one.startsWith('GetObject'));

test('a nested template is brought to its place once, and leaves nothing else there', async () => {
  await bring();
  await bring();
  expect(readFileSync(file, 'utf8')).toBe(CONTENT);
  expect(gets()).toHaveLength(1);
  expect(readdirSync(workspace.path('release')).toSorted()).toEqual(['manifest.json', 'nested.json']);
});

test('several runs at once find it whole', async () => {
  await Promise.all([bring(), bring(), bring()]);
  expect(readFileSync(file, 'utf8')).toBe(CONTENT);
});

test('one that is not what the release lists is not written', async () => {
  cloud.put('assets', 'nested.json', '{"Resources":{"Planted":{}}}');
  await expect(bring()).rejects.toMatchObject({ code: 'AssetReplaced', subject: 'Data' });
  cloud.put('assets', 'nested.json', `${CONTENT}${' '.repeat(5_000_000)}`);
  await expect(bring()).rejects.toMatchObject({ code: 'AssetReplaced' });
  expect(existsSync(file)).toBe(false);
});

test('one that is not there is named', async () => {
  cloud.objects.clear();
  await expect(bring()).rejects.toMatchObject({
    code: 'AssetMissing',
    message: expect.stringContaining('its nested template is not there: s3://assets/nested.json'),
  });
});

test.each(['manifest.json', 'link.json'])('nothing at %s is replaced, whatever a release lists there', async (name) => {
  symlinkSync('../outside.json', workspace.path('release/link.json'));
  await expect(bring({ path: workspace.path('release', name) })).rejects.toMatchObject({ code: 'ReleaseMismatch' });
  expect(readFileSync(workspace.path('release/manifest.json'), 'utf8')).toBe('{}');
  expect(existsSync(workspace.path('outside.json'))).toBe(false);
});
