import type { Environments } from '@nx-cdk/environments';
import { Failure } from '../failure/index.ts';
import { shortRelease } from '../release/index.ts';

/** What an environments file says of releases, and which file it is. */
type Ruled = Pick<Environments, 'file' | 'releases'>;

/**
 * Refuses a release that a file has revoked.
 *
 * @param release its digest
 * @throws Failure `ReleaseRevoked` naming the file
 */
export function requireNotRevoked(release: string, files: readonly Ruled[]): void {
  const by = files.find(({ releases }) => releases?.revoked?.includes(release) === true);
  if (by === undefined) return;
  const what = `Release ${release} is revoked in ${by.file}`;
  throw new Failure('ReleaseRevoked', { what, next: 'deploy another one; "releases.revoked" there says which not' });
}

/**
 * Refuses a release that is older than a file allows.
 *
 * @param writtenAt finds out when its assembly was stored, in milliseconds since the epoch; only asked if a file has a
 * limit
 * @throws Failure `ReleaseTooOld` naming the file and both times
 */
export async function requireRecent(
  release: string,
  files: readonly Ruled[],
  writtenAt: () => Promise<number>,
): Promise<void> {
  const limits = files.flatMap(({ file, releases }) => {
    const { notBefore } = releases ?? {};
    return notBefore === undefined ? [] : [{ file, notBefore, from: Date.parse(notBefore) }];
  });
  const [latest] = limits.toSorted((one, other) => other.from - one.from);
  if (latest === undefined) return;
  const at = await writtenAt();
  if (at >= latest.from) return;
  const stored = new Date(at).toISOString();
  const what = `Release ${shortRelease(release)} was stored at ${stored}, before ${latest.notBefore} in ${latest.file}`;
  throw new Failure('ReleaseTooOld', { what, next: 'deploy a newer one; "releases.notBefore" there is the limit' });
}
