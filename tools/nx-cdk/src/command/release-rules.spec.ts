import { requireNotRevoked, requireRecent } from './release-rules.ts';

const [GOOD, BAD] = ['ab'.repeat(32), 'cd'.repeat(32)];
const file = (releases?: { readonly notBefore?: string; readonly revoked?: readonly string[] }) => ({
  file: '/w/environments.json',
  releases,
});

test('a release is revoked if any file says so', () => {
  const files = [file(), file({ revoked: [BAD] })];
  expect(() => requireNotRevoked(GOOD, files)).not.toThrow();
  expect(() => requireNotRevoked(BAD, files)).toThrow(
    expect.objectContaining({
      code: 'ReleaseRevoked',
      message: `Release ${BAD} is revoked in /w/environments.json: deploy another one; "releases.revoked" there says which not.`,
    }),
  );
});

test.each([
  ['2026-11-02T12:00:00Z', '2026-11-02', undefined],
  ['2026-11-02T00:00:00Z', '2026-11-02', undefined],
  ['2026-11-01T23:59:59Z', '2026-11-02', 'was stored at 2026-11-01T23:59:59.000Z, before 2026-11-02 in'],
  ['2026-11-02T11:59:59Z', '2026-11-02T12:00:00Z', 'before 2026-11-02T12:00:00Z in /w/environments.json'],
])('one that was stored at %s, where %s is the limit: %s', async (at, notBefore, refusal) => {
  const check = requireRecent(GOOD, [file({ notBefore: '2026-01-01' }), file({ notBefore })], async () =>
    Date.parse(at),
  );
  if (refusal === undefined) await expect(check).resolves.toBeUndefined();
  else await expect(check).rejects.toMatchObject({ code: 'ReleaseTooOld', message: expect.stringContaining(refusal) });
});

test('nobody asks when it was stored if there is no limit; what cannot be found out is refused', async () => {
  const asked = async () => {
    throw new Error('asked');
  };
  await expect(requireRecent(GOOD, [file(), file({ revoked: [BAD] })], asked)).resolves.toBeUndefined();
  await expect(requireRecent(GOOD, [file({ notBefore: '2026-01-01' })], asked)).rejects.toThrow('asked');
});
