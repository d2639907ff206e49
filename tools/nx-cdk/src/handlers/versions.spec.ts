import { isAtLeast, versionIn } from './versions.ts';

test.each([
  ['go version go1.26.8 linux/amd64', '1.26.8'],
  ['1.26', '1.26'],
  ['rustc 1.97.0-nightly (abc 2026-01-01)', '1.97.0'],
  ['none', undefined],
  [undefined, undefined],
])('the version in %j is %s', (text, version) => {
  expect(versionIn(text)).toBe(version);
});

test.each([
  ['1.26.8', '1.26', true],
  ['1.26', '1.26.0', true],
  ['1.100.0', '1.85', true],
  ['2.0', '1.85', true],
  ['1.25.11', '1.26', false],
  ['1.84.9', '1.85.0', false],
])('%s is at least %s: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
