import { formatReleases, parseReleases, requireRelease } from './approved.ts';
import type { ReleaseManifest } from './model.ts';

const [MINE, OTHER] = ['1'.repeat(64), '2'.repeat(64)];
const release = { digest: MINE } as ReleaseManifest;

describe('an assembly is taken for the release that was approved', () => {
  test.each([
    ['by its digest', MINE],
    ['in a list, by its project', `shop=${OTHER},infra=${MINE}`],
  ])('%s', (_, approved) => {
    expect(() => requireRelease(release, approved, 'infra')).not.toThrow();
  });

  test.each([
    ['another digest', OTHER, 'OtherRelease', `The assembly is release ${MINE} and not ${OTHER}`],
    ['another one in a list', `infra=${OTHER}`, 'OtherRelease', `is release ${MINE} and not ${OTHER}`],
    ['the beginning of its digest', MINE.slice(0, 12), 'BadRelease', `"${MINE.slice(0, 12)}" is no release`],
    ['the release of another project', `shop=${MINE}`, 'BadRelease', '--release names no release of infra'],
    ['a broken list', `infra=${MINE},shop`, 'BadRelease', '"shop" names no release of a project'],
    ['two of one project', `infra=${MINE},infra=${OTHER}`, 'BadRelease', 'names a project twice'],
  ])('and for no other: %s', (_, approved, code, message) => {
    expect(() => requireRelease(release, approved, 'infra')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

test('a list says what it was made of, whatever a project is called', () => {
  const releases = new Map([
    ['@acme/infra', MINE],
    ['a=b', OTHER],
  ]);
  expect(parseReleases(formatReleases(releases))).toEqual(releases);
});
