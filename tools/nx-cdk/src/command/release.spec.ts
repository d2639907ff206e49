import type { ReleaseSigning } from '@libs/environments';
import { releaseSigning } from './release.ts';

const key = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b';
const other = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-3c4d';
const ofFile: ReleaseSigning = { key, algorithm: 'RSASSA_PSS_SHA_256' };

test.each([
  ['nothing if nobody names a key', undefined, undefined, undefined],
  ['the key of the file', ofFile, undefined, ofFile],
  ['the key of the option', undefined, other, { key: other, algorithm: 'ECDSA_SHA_256' }],
  ['the key of the option, in the way of the file', ofFile, other, { key: other, algorithm: 'RSASSA_PSS_SHA_256' }],
])('releases are signed by %s', (_, file, option, expected) => {
  expect(releaseSigning(file, option)).toEqual(expected);
});

test('what is no key is refused', () => {
  expect(() => releaseSigning(undefined, 'alias/releases')).toThrow(
    expect.objectContaining({
      code: 'SigningKey',
      message: expect.stringContaining('--signingKey is "alias/releases", which is not the ARN of a KMS key'),
    }),
  );
});
