import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zipFolder } from '../archives/index.ts';
import { fileContentDigest } from '../assembly/index.ts';
import type { AwsClients, Session } from '../aws/index.ts';
import type { FileDestination, ImageDestination } from '../destinations/index.ts';
import type { PublishedObject } from './model.ts';
import { type Finding, type Read, seeImage, seeObject } from './published-content.ts';

/*
 * Answers that the local AWS does not give, as the API reference has them
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html). The others are met in tests/engines.
 */

const hex = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const sha256 = hex(Buffer.from('{}'));
const base64 = Buffer.from(sha256, 'hex').toString('base64');
const other = '00'.repeat(32);

const role = { kind: 'deploy', region: 'us-east-1', arn: 'arn:aws:iam::1:role/deploy' } as const;
const session: Session = { account: '111111111111', region: 'us-east-1', role };
const needed = {
  kind: 'file',
  target: { account: '111111111111', region: 'us-east-1' },
  session,
  bucket: 'assets',
  key: 'a.json',
} as FileDestination;
const recorded = (more: Partial<PublishedObject> = {}): PublishedObject[] => [
  { kind: 'file', asset: 'a', bucket: 'assets', key: 'a.json', sha256, versionId: 'v1', ...more },
];

let content: Buffer;
let asked: { session: Session; name: string; input: object }[];

beforeEach(() => {
  asked = [];
  content = Buffer.from('{}');
});

/** An S3 that says this of the object. */
function s3(head: object | Error): AwsClients {
  const send = (session: Session) => async (command: { input: object }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    asked.push({ session, name, input: command.input });
    if (name === 'GetObject') return { Body: Readable.from([content]) };
    if (head instanceof Error) throw head;
    return { ETag: '"e"', ...head };
  };
  return { s3: async (who: Session) => ({ send: send(who) }) } as unknown as AwsClients;
}

/** Looks at the object, and compares it with what was recorded. */
async function found(aws: AwsClients, records: readonly PublishedObject[]): Promise<Finding> {
  return (await seeObject(aws, needed))(records);
}

const names = () => asked.map(({ name }) => name);

test('the SHA-256 that S3 keeps decides, whatever the version is', async () => {
  const aws = s3({ ChecksumSHA256: base64, VersionId: 'v2' });
  expect(await found(aws, recorded())).toEqual({ state: 'same' });
  expect(await found(aws, recorded({ sha256: other, versionId: 'v2' }))).toEqual({
    state: 'other',
    found: sha256,
  });
  expect(names()).toEqual(['HeadObject', 'HeadObject']);
});

test('the bucket is asked by the session of the destination, and has to belong to the account', async () => {
  await found(s3({ ChecksumSHA256: base64 }), recorded());
  expect(asked[0]).toEqual({
    session,
    name: 'HeadObject',
    input: { Bucket: 'assets', Key: 'a.json', ChecksumMode: 'ENABLED', ExpectedBucketOwner: '111111111111' },
  });
});

test.each<[string, object, Partial<PublishedObject>]>([
  ['of another version', { VersionId: 'v2' }, {}],
  // Who publishes could write what is wrong, and record its version.
  ['of the recorded version', { VersionId: 'v1' }, {}],
  ['in a bucket that keeps no versions', {}, { versionId: undefined }],
  ['whose version is null, which is written anew each time', { VersionId: 'null' }, { versionId: 'null' }],
  ['with a checksum over its parts', { ChecksumSHA256: `${base64}-1`, VersionId: 'v2' }, {}],
  ['with a composite checksum', { ChecksumSHA256: base64, ChecksumType: 'COMPOSITE', VersionId: 'v2' }, {}],
])('an object %s is read, the very one that was looked at', async (_, head, record) => {
  expect(await found(s3(head), recorded(record))).toEqual({ state: 'same' });
  expect(await found(s3(head), recorded({ ...record, sha256: other }))).toEqual({
    state: 'other',
    found: sha256,
  });
  expect(names()).toEqual(['HeadObject', 'GetObject', 'HeadObject', 'GetObject']);
  expect(asked[1]!.input).toMatchObject({ IfMatch: '"e"', ExpectedBucketOwner: '111111111111' });
});

test('an object is read once, however many stacks need it', async () => {
  const compare = await seeObject(s3({ VersionId: 'v2' }), needed);
  expect(await Promise.all([recorded(), recorded()].map(compare))).toEqual([{ state: 'same' }, { state: 'same' }]);
  expect(names()).toEqual(['HeadObject', 'GetObject']);
});

test('any of several records will do', async () => {
  const several = [...recorded({ sha256: other }), ...recorded()];
  expect(await found(s3({ ChecksumSHA256: base64 }), several)).toEqual({ state: 'same' });
});

describe('an archive', () => {
  let folder: string;
  let bytes: Buffer;
  let digest: string;

  /** What the object holds instead of `{}`. */
  const holding = (archive: Buffer, head: object = {}) => {
    content = archive;
    return s3({ ContentLength: archive.length, ...head });
  };
  const checksum = (archive: Buffer) => ({ ChecksumSHA256: createHash('sha256').update(archive).digest('base64') });
  const see = (aws: AwsClients, archive: Buffer, packed: string | undefined) => {
    const expected = {
      directory: folder,
      digest,
      packed: async () => packed,
      once: (_: string, read: () => Promise<Read | undefined>) => read(),
    };
    return seeObject(aws, needed, expected).then((compare) => compare(recorded({ sha256: hex(archive) })));
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'archive-'));
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 1;');
    bytes = Buffer.concat(await zipFolder(folder).toArray());
    digest = await fileContentDigest({ fingerprint: '', path: folder, packaging: 'zip' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('that is packed to the same bytes here is not fetched', async () => {
    expect(await see(holding(bytes, checksum(bytes)), bytes, hex(bytes))).toEqual({ state: 'same' });
    expect(names()).toEqual(['HeadObject']);
  });

  test('that is packed to other bytes here is fetched once, for its bytes and its content', async () => {
    expect(await see(holding(bytes), bytes, other)).toEqual({ state: 'same' });
    expect(await see(holding(bytes, checksum(bytes)), bytes, other)).toEqual({ state: 'same' });
    expect(names()).toEqual(['HeadObject', 'GetObject', 'HeadObject', 'GetObject']);
  });

  test('that holds something else contradicts the release, whatever was recorded', async () => {
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 2;');
    const wrong = Buffer.concat(await zipFolder(folder).toArray());
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 1;');
    for (const head of [{}, checksum(wrong)])
      expect(await see(holding(wrong, head), wrong, hex(bytes))).toEqual({ state: 'contradicts' });
    const none = Buffer.from('no archive at all');
    expect(await see(holding(none, checksum(none)), none, hex(bytes))).toEqual({ state: 'contradicts' });
    expect(await see(holding(none, { ContentLength: 10 ** 9 }), none, hex(bytes))).toEqual({ state: 'contradicts' });
    expect(names().at(-1)).toBe('HeadObject');
  });
});

test.each(['NotFound', 'NoSuchBucket'])('%s is no failure: it is absent', async (name) => {
  const aws = s3(Object.assign(new Error(name), { name }));
  expect(await found(aws, recorded())).toEqual({ state: 'absent' });
});

test('who may not look is told so: nobody knows what is there', async () => {
  const refusal = Object.assign(new Error('403'), { name: '403', $metadata: { httpStatusCode: 403 } });
  await expect(found(s3(refusal), recorded())).rejects.toMatchObject({
    code: 'BucketRefused',
    message: expect.stringContaining('may not use s3://assets/a.json'),
  });
});

test('if the role may not look for an image, nobody knows either', async () => {
  const refusal = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
  const aws = { ecr: async () => ({ send: () => Promise.reject(refusal) }) } as unknown as AwsClients;
  const image = { target: needed.target, targetName: '111111111111/us-east-1', repository: 'images', session };
  await expect(seeImage(aws, image as ImageDestination)).rejects.toMatchObject({
    code: 'ImageHidden',
    message: expect.stringMatching(/role\/deploy may not ecr:DescribeImages on images in 111111111111\/us-east-1/),
  });
});
