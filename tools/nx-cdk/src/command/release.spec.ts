import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseSigning } from '@nx-cdk/environments';
import type { Assembly } from '../assembly/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { openRelease, releaseSigning } from './release.ts';

const key = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b';
const other = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-3c4d';
const signing: ReleaseSigning = { key, algorithm: 'RSASSA_PSS_SHA_256' };
const workspace = { file: 'environments.json', signing };
const unsigned = { file: 'environments.json', signing: undefined };
const app = { file: 'apps/shop/own.json', signing: undefined };

test.each([
  ['nothing if nobody names a key', undefined, undefined, undefined, undefined],
  ['nothing if no file names a key', unsigned, app, undefined, undefined],
  ['the key of the workspace, if the app names no file', workspace, undefined, undefined, signing],
  ['the key of the workspace, if the file of the app names no key', workspace, app, undefined, signing],
  ['the key of both files', workspace, { ...app, signing }, undefined, signing],
  ['the key of the app, if that of the workspace names none', unsigned, { ...app, signing }, undefined, signing],
  ['the key of the option', undefined, undefined, other, { key: other, algorithm: 'ECDSA_SHA_256' }],
  ['the key of the option, as the file says', workspace, undefined, other, { ...signing, key: other }],
])('releases are signed by %s', (_, ofWorkspace, ofApp, option, expected) => {
  expect(releaseSigning(ofWorkspace, ofApp, option)).toEqual(expected);
});

test('an app cannot have another key than the workspace', () => {
  const own = { ...app, signing: { ...signing, key: other } };
  expect(() => releaseSigning(workspace, own)).toThrow(
    `apps/shop/own.json names the signing key ${other}, and environments.json names ${key}: ` +
      'name one key for the whole workspace',
  );
});

test('what is no key is refused', () => {
  expect(() => releaseSigning(undefined, undefined, 'alias/releases')).toThrow(
    expect.objectContaining({
      code: 'SigningKey',
      message: expect.stringContaining('--signingKey is "alias/releases", which is not the ARN of a KMS key'),
    }),
  );
});

describe('an assembly of another tool', () => {
  const directory = mkdtempSync(join(tmpdir(), 'unreleased-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const open = async (demand: object, env: NodeJS.ProcessEnv) => {
    const events: ProgressEvent[] = [];
    const assembly = { directory } as Assembly;
    const release = await openRelease(assembly, (event) => events.push(event), {}, { project: 'shop', ...demand, env });
    expect(release).toBeUndefined();
    return events;
  };

  test.each([{}, { CI: 'false' }, { CI: '0' }])('will do with a warning where nobody says CI: %j', async (env) => {
    expect(await open({}, env)).toMatchObject([
      { level: 'warning', text: expect.stringContaining('holds no release') },
    ]);
  });

  test('is refused in a CI, which names the way out', async () => {
    const sentence =
      `A CI needs a release, and ${directory} holds no release.json: ` +
      'synthesize with nx synth <project>, or give --allowUnreleased if another tool has made it';
    await expect(open({}, { CI: 'true' })).rejects.toMatchObject({
      code: 'NoRelease',
      message: expect.stringContaining(sentence),
    });
    expect(await open({ allowUnreleased: true }, { CI: 'true' })).toMatchObject([{ level: 'warning' }]);
  });

  test.each([
    ['--release', { approved: '3f'.repeat(32) }],
    [`The signing key ${key}`, { signing }],
  ])('is refused by %s, whatever is allowed', async (subject, demand) => {
    await expect(open({ ...demand, allowUnreleased: true }, {})).rejects.toThrow(`${subject} needs a release`);
  });
});
