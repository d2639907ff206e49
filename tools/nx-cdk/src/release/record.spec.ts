import type { PublishedDestination, PublishRecord } from './model.ts';
import { formatRecord, parseRecord, recordKey } from './record.ts';

const WHERE = 's3://assets/releases/3f2a/1.json';
const release = '3f'.repeat(32);
const target = '111111111111/eu-west-1';
const file: PublishedDestination = {
  kind: 'file',
  asset: 'a1',
  bucket: 'assets',
  key: 'a1.zip',
  sha256: 'ab'.repeat(32),
  versionId: 'v1',
};
const image: PublishedDestination = {
  kind: 'image',
  asset: 'i1',
  repository: 'images',
  tag: 'i1',
  digest: `sha256:${'cd'.repeat(32)}`,
};
const elsewhere: PublishedDestination = { ...image, region: 'us-east-1' };
const record: PublishRecord = { format: 1, release, target, destinations: [file, image, elsewhere] };
const expected = { format: 1, release, target } as const;

const parse = (content: object) => () => parseRecord(Buffer.from(JSON.stringify(content)), WHERE, expected);

test('the same destinations are the same bytes, in whatever order they and their fields come', () => {
  const { kind, asset, bucket, key, sha256, versionId } = file;
  const shuffled = { versionId, sha256, key, bucket, asset, kind } as PublishedDestination;
  const bytes = formatRecord(record);
  expect(formatRecord({ ...record, destinations: [elsewhere, shuffled, image] })).toEqual(bytes);
  expect(parseRecord(bytes, WHERE, expected).destinations).toHaveLength(3);
});

test('a key names the release and what the record covers', () => {
  expect(recordKey(release, ['b', 'a'])).toBe(recordKey(release, ['a', 'b']));
  expect(recordKey(release, ['a'])).not.toBe(recordKey(release, ['a', 'b']));
  expect(recordKey(release, ['a'])).toMatch(new RegExp(`^releases/${release}/[0-9a-f]{16}\\.json$`));
});

const written = JSON.parse(formatRecord(record).toString()) as PublishRecord;

test.each<[string, object]>([
  ['of another format', { ...written, format: 2 }],
  ['without a release', { ...written, release: undefined }],
  ['of an owner that is none', { ...written, owner: 'shop' }],
  ['of a target that is none', { ...written, target: 'eu-west-1' }],
  ['without destinations', { ...written, destinations: undefined }],
  ['with nothing for a destination', { ...written, destinations: [null] }],
  ['with a digest that is none', { ...written, destinations: [{ ...file, sha256: 'ab' }] }],
  ['with an image of no digest', { ...written, destinations: [{ ...image, digest: undefined }] }],
  ['with a number for a key', { ...written, destinations: [{ ...file, key: 1 }] }],
  ['with a field that nobody knows', { ...written, approved: true }],
  ['with a destination of a field that nobody knows', { ...written, destinations: [{ ...file, size: 1 }] }],
  ['in another order', { ...written, destinations: written.destinations.toReversed() }],
])('a record %s is refused, and the object is named', (_, content) => {
  expect(parse(content)).toThrow(
    expect.objectContaining({ code: 'BrokenRecord', message: expect.stringContaining(`${WHERE} is no record`) }),
  );
  expect(parse(content)).not.toThrow(/Cannot read|undefined/);
});

test('a record that is nested deeper than any is not parsed', () => {
  expect(parse({ ...written, destinations: [[[]]] })).toThrow('it has more than 3 levels');
});

test('a record of another release, or of another account, is refused', () => {
  const other = { ...written, release: '00'.repeat(32) };
  const away = { ...written, target: '222222222222/eu-west-1' };
  for (const content of [other, away])
    expect(parse(content)).toThrow(expect.objectContaining({ code: 'MisplacedRecord' }));
});
