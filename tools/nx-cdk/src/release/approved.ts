import { Failure } from '../failure/index.ts';
import type { ReleaseManifest } from './model.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** Releases by project, in one word of a shell: `infra=<digest>,pipeline=<digest>`. */
export function formatReleases(releases: ReadonlyMap<string, string>): string {
  return [...releases].map(([project, digest]) => `${project}=${digest}`).join(',');
}

/**
 * Reads what {@link formatReleases} wrote.
 *
 * @throws Failure `BadRelease` if it is anything else
 */
export function parseReleases(text: string): Map<string, string> {
  const entries = text.split(',').map((entry): [string, string] => {
    const [, project, digest] = /^(.+)=([0-9a-f]{64})$/.exec(entry) ?? [];
    if (project === undefined) {
      const next = 'a list of releases is what nx-cdk hand-over prints: infra=<digest>,pipeline=<digest>';
      throw new Failure('BadRelease', { what: `"${entry}" names no release of a project`, next });
    }
    return [project, digest!];
  });
  const releases = new Map(entries);
  if (releases.size < entries.length) {
    const next = 'name one release for each project';
    throw new Failure('BadRelease', { what: `"${text}" names a project twice`, next });
  }
  return releases;
}

/**
 * Whether an option names what was reviewed: a whole digest, or a list of them. A word, or the beginning of a digest,
 * may mean another release tomorrow.
 */
export function isReviewed(release: string | undefined): boolean {
  return release !== undefined && (DIGEST.test(release) || release.includes('='));
}

/**
 * The release of a project that was approved.
 *
 * @param approved 64 hexadecimal digits, or a list of the releases of several projects
 * @param project whose release it is, for a list
 * @throws Failure `BadRelease` if that is no digest or the list does not name the project
 */
export function approvedRelease(approved: string, project: string): string {
  const wanted = approved.includes('=') ? parseReleases(approved).get(project) : approved;
  if (wanted === undefined) {
    const next = 'nothing of it was approved; hand it over with the others (nx-cdk hand-over)';
    throw new Failure('BadRelease', { what: `--release names no release of ${project}`, next });
  }
  if (!DIGEST.test(wanted)) {
    const next = 'its digest has 64 hexadecimal digits, and nx synth says which it is';
    throw new Failure('BadRelease', { what: `"${wanted}" is no release`, next });
  }
  return wanted;
}

/**
 * Compares the release of an assembly with the one that was approved, which `approvedRelease` reads.
 *
 * @throws Failure `OtherRelease` if the assembly is another release, or as `approvedRelease` does
 */
export function requireRelease({ digest }: Pick<ReleaseManifest, 'digest'>, approved: string, project: string): void {
  const wanted = approvedRelease(approved, project);
  if (wanted === digest) return;
  const what = `The assembly is release ${digest} and not ${wanted}: nothing is done with it`;
  const next = 'check out and synthesize what was approved, or have this one approved';
  throw new Failure('OtherRelease', { what, next });
}
