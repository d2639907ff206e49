import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseSigning } from './release-signing.ts';

const key = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b';
const other = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-3c4d';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-signing-'));
  const environments = {
    ci: { account: '123456789012', region: 'eu-west-1' },
    environments: [{ name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] }],
  };
  await writeFile(join(folder, 'unsigned.json'), JSON.stringify(environments));
  const signing = { key, algorithm: 'RSASSA_PSS_SHA_256' };
  await writeFile(join(folder, 'signed.json'), JSON.stringify({ ...environments, signing }));
});

afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['nothing where nobody names a key', {}, undefined],
  ['nothing where the file names none', { environmentsFile: 'unsigned.json' }, undefined],
  ['the key of the file', { environmentsFile: 'signed.json' }, { key, algorithm: 'RSASSA_PSS_SHA_256' }],
  ['the key of the option', { signingKey: other }, { key: other, algorithm: 'ECDSA_SHA_256' }],
  [
    'the key of the option, in the way of the file',
    { environmentsFile: 'signed.json', signingKey: other },
    { key: other, algorithm: 'RSASSA_PSS_SHA_256' },
  ],
])('releases are signed by %s', async (_, options, expected) => {
  expect(await releaseSigning(folder, options)).toEqual(expected);
});

test('what is no key is refused', async () => {
  await expect(releaseSigning(folder, { signingKey: 'alias/releases' })).rejects.toMatchObject({
    code: 'SigningKey',
    message: expect.stringContaining('--signingKey is "alias/releases", which is not the ARN of a KMS key'),
  });
});
