import { posix } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import type { Git } from '../deployments/index.ts';
import type { SourceState } from '../release/index.ts';
import { entriesIn } from './buckets.ts';
import { type LockedVersions, LOCKFILES, readLockfile } from './lockfile.ts';
import type { HistoryPlace } from './places.ts';

/** A package that differs. Plain data. */
export interface ComparedPackage {
  readonly name: string;
  /** Its versions; empty if there is none. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Whether the app or the workspace asks for it, and not only another package. */
  readonly isDirect: boolean;
}

/** What differs in the dependencies of the commits that two releases were published from. Plain data. */
export interface ComparedDependencies {
  readonly from?: SourceState;
  readonly to?: SourceState;
  /** By name. */
  readonly packages: readonly ComparedPackage[];
  /** Why nothing is known of them. @default - it is */
  readonly unknown?: string;
}

/**
 * The commits that some releases were published from first, as the index in the first target says that knows each.
 * It is what a publisher wrote: for people.
 */
export async function sourcesOf(
  digests: readonly string[],
  places: readonly HistoryPlace[],
  owner: string,
  aws: (environment: string) => Promise<AwsClients>,
): Promise<(SourceState | undefined)[]> {
  const sources = new Map<string, SourceState | undefined>();
  for (const place of places) {
    if (digests.every((digest) => sources.has(digest))) break;
    const entries = await entriesIn(await aws(place.environment), place, { owner });
    for (const digest of digests) {
      const first = entries.findLast((one) => one.release === digest);
      if (first === undefined || sources.has(digest)) continue;
      const { commit, edited = false } = first;
      sources.set(digest, commit === undefined ? undefined : { commit, edited });
    }
  }
  return digests.map((digest) => sources.get(digest));
}

/**
 * Compares the lockfiles of two commits.
 *
 * @param git of the workspace's root folder
 * @param project folder of the app, relative to it
 */
export async function compareDependencies(
  [from, to]: readonly (SourceState | undefined)[],
  git: Git,
  project: string,
): Promise<ComparedDependencies> {
  const about = { ...(from && { from }), ...(to && { to }) };
  const unknown = (why: string) => ({ ...about, packages: [], unknown: why });
  if (from === undefined || to === undefined) return unknown('the index names no commit for each of them');
  if (from.commit === to.commit) return { ...about, packages: [] };
  for (const { commit } of [from, to]) {
    if (!(await git.has(commit))) return unknown(`commit ${commit} is not in this clone`);
  }
  const [before, after] = [await lockedAt(git, from.commit), await lockedAt(git, to.commit)];
  if (before === undefined || after === undefined) return unknown('a commit has no lockfile that can be read');
  const direct = new Set<string>();
  for (const { commit } of [from, to]) {
    for (const folder of ['', project]) {
      for (const name of await namedIn(git, commit, posix.join(folder, 'package.json'))) direct.add(name);
    }
  }
  return { ...about, packages: differing(before, after, direct) };
}

function differing(before: LockedVersions, after: LockedVersions, direct: ReadonlySet<string>): ComparedPackage[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name) => {
    const [from, to] = [before.get(name) ?? [], after.get(name) ?? []];
    return from.join(' ') === to.join(' ') ? [] : [{ name, from, to, isDirect: direct.has(name) }];
  });
}

async function lockedAt(git: Git, commit: string): Promise<LockedVersions | undefined> {
  for (const file of LOCKFILES) {
    const text = await git.fileAt(commit, file);
    if (text !== undefined) return readLockfile(file, text);
  }
  return undefined;
}

/** Names of the packages that a package.json asks for. */
async function namedIn(git: Git, commit: string, file: string): Promise<string[]> {
  try {
    const parsed = JSON.parse((await git.fileAt(commit, file)) ?? '{}') as Record<string, object | undefined>;
    const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
    return fields.flatMap((field) => Object.keys(parsed[field] ?? {}));
  } catch {
    return [];
  }
}
