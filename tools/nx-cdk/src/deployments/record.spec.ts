import { type DeploymentRecord, formatRecord, parseRecord } from './record.ts';

const RECORD: DeploymentRecord = {
  commit: '0123456789abcdef0123456789abcdef01234567',
  time: '2026-11-20T14:03:00.000Z',
  assemblies: { infra: 'a'.repeat(64), shop: 'b'.repeat(64) },
  targets: 'c'.repeat(64),
};

test('a record is read as it was written', () => {
  expect(parseRecord(formatRecord(RECORD))).toEqual(RECORD);
});

test('a record of more projects than a parameter holds keeps one digest of all, which every one of them changes', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`project-${index}`, 'd'.repeat(64)]));
  const text = formatRecord({ ...RECORD, assemblies: many });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  const all = parseRecord(text)!.assemblies;
  expect(all).toEqual({ '*': expect.stringMatching(/^[0-9a-f]{64}$/) });
  const other = formatRecord({ ...RECORD, assemblies: { ...many, 'project-7': 'e'.repeat(64) } });
  expect(parseRecord(other)!.assemblies).not.toEqual(all);
});

test.each([
  ['nothing', ''],
  ['no JSON', '{"format":'],
  ['null', 'null'],
  ['a list', '[]'],
  ['of a later format', formatRecord(RECORD).replace('"format":1', '"format":2')],
  ['without a commit', formatRecord({ ...RECORD, commit: undefined as never })],
  ['with a commit that is an option of git', formatRecord({ ...RECORD, commit: '--output=/tmp/x' })],
  ['with half a commit', formatRecord({ ...RECORD, commit: '0123456' })],
  ['with a time that is none', formatRecord({ ...RECORD, time: 'yesterday' })],
  ['without digests', formatRecord({ ...RECORD, assemblies: undefined as never })],
  ['with digests that are none', formatRecord({ ...RECORD, assemblies: { infra: 5 as never } })],
])('what is %s is no record', (_, text) => {
  expect(parseRecord(text)).toBeUndefined();
});
