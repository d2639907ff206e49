import { hash } from 'node:crypto';
import type { DeployGroup } from '@nx-cdk/environments';

/** What was deployed to a deploy group last. */
export interface DeploymentRecord {
  /** The commit, 40 hexadecimal digits (64 in a SHA-256 repository). */
  readonly commit: string;
  /** When that was done: ISO 8601 in UTC. */
  readonly time: string;
  /** Digest of each assembly that was deployed, by project. If they do not fit into a parameter: one, under `*`. */
  readonly assemblies: Readonly<Record<string, string>>;
  /** Digest of the group's targets at that time. */
  readonly targets: string;
  /** A commit whose deployment has begun after that and was never recorded as done: parts of it may be there. */
  readonly attempt?: string;
}

/** Version of the form in which records are kept. */
const FORMAT = 1;

/**
 * What a parameter of the standard tier holds, in bytes
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html).
 */
const LARGEST = 4096;

/** Full name of a commit, in a SHA-1 or a SHA-256 repository. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Stands for all projects together. */
const ALL = '*';

/** A digest of the targets of a group, in any order. If it differs, a record is about other targets. */
export function targetsDigest({ targets }: Pick<DeployGroup, 'targets'>): string {
  // Written out here: what is kept must not change with the way that reports name a target.
  const names = targets.map(({ account, region }) => `${account}/${region}`);
  return hash('sha256', names.toSorted().join('\n'));
}

/** A record as it is kept. */
export function formatRecord({ commit, time, assemblies, targets, attempt }: DeploymentRecord): string {
  const write = (digests: DeploymentRecord['assemblies']) =>
    JSON.stringify({ format: FORMAT, commit, time, targets, attempt, assemblies: digests });
  const text = write(assemblies);
  return Buffer.byteLength(text) <= LARGEST ? text : write({ [ALL]: commonDigest(assemblies) });
}

/** Reads what `formatRecord` wrote; undefined for everything else. */
export function parseRecord(text: string): DeploymentRecord | undefined {
  let content: Partial<DeploymentRecord> & { readonly format?: unknown };
  try {
    content = JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
  const { format, commit, time, assemblies, targets, attempt } = content;
  const whole =
    format === FORMAT &&
    typeof commit === 'string' &&
    // Becomes an argument of git, and a base of `nx affected`.
    COMMIT.test(commit) &&
    (attempt === undefined || (typeof attempt === 'string' && COMMIT.test(attempt))) &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    typeof targets === 'string' &&
    typeof assemblies === 'object' &&
    assemblies !== null &&
    Object.values(assemblies).every((digest) => typeof digest === 'string');
  if (!whole) return undefined;
  return { commit, time, assemblies, targets, ...(attempt !== undefined && { attempt }) };
}

/** One digest for those of all projects. */
export function commonDigest(assemblies: DeploymentRecord['assemblies']): string {
  const lines = Object.entries(assemblies).map(([project, digest]) => `${project}\0${digest}`);
  return assemblies[ALL] ?? hash('sha256', lines.toSorted().join('\n'));
}
