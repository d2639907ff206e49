import type { EngineDependencies } from '../aws/index.ts';
import type { Clock } from '../cloudformation/index.ts';
import type { ReportedFailure } from '../failure/index.ts';
import type { RunEnd } from '../progress/index.ts';
import type { GarbagePlace } from './places.ts';

/** The youngest that `olderThan` may allow for, in milliseconds: what is being published must not count as old. */
export const YOUNGEST = 24 * 60 * 60_000;

/** How long what a retired release alone needs is left there, in milliseconds: deployments of it may be running. */
export const RETIRED_FOR = 24 * 60 * 60_000;

/** What counts as garbage. */
export interface GarbageRules {
  /** Id of the app: only what its own releases name is deleted. */
  readonly owner: string;
  /** How many of the newest releases of the app are kept, in each target. */
  readonly keep: number;
  /** How old something has to be, in milliseconds; at least `YOUNGEST`. A release that is younger is kept. */
  readonly olderThan: number;
  /** Whether what no release of any app names is garbage, too. @default false */
  readonly all?: boolean;
}

export interface GarbageRequest extends GarbageRules {
  /** All places that the app may use in the accounts. */
  readonly places: readonly GarbagePlace[];
  /** Whether the list has the names of files and images, too. @default false */
  readonly names?: boolean;
  /** Only list what would be deleted. @default false */
  readonly dryRun?: boolean;
}

export interface GarbageDependencies extends EngineDependencies {
  /** @default - the clock of the system */
  readonly clock?: Clock;
  /** Shows what was found, and asks. @default - nobody is asked */
  readonly confirm?: (found: readonly GarbageOfTarget[]) => Promise<boolean>;
}

/** One object or one tag of an image that nothing needs. Plain data. */
export interface GarbageItem {
  readonly kind: 'file' | 'image';
  /** The key of the object, or the tag of the image. */
  readonly name: string;
  /** `s3://bucket/key`, or `eu-west-1 repository:tag`. */
  readonly place: string;
  /** In bytes; 0 for a tag of an image that has others. */
  readonly bytes: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly writtenAt: number;
}

/** A record that garbage collection retires. Plain data. */
export interface RetiredRecord {
  /** Digest of the release. */
  readonly release: string;
  /** Where the record is in the bucket. */
  readonly key: string;
}

/** What was found in a target. Plain data. */
export interface GarbageOfTarget {
  /** `111111111111/eu-west-1` */
  readonly target: string;
  readonly files: { readonly count: number; readonly bytes: number };
  readonly images: { readonly count: number; readonly bytes: number };
  readonly items: readonly GarbageItem[];
  /** Records of releases that are not kept: what only they need can be deleted a day later. */
  readonly retire: readonly RetiredRecord[];
}

/** What became of a target. Plain data. */
export interface TargetReport extends GarbageOfTarget {
  /** `skipped`: a stack was being changed, or a person said no. `unchanged`: there is no garbage. */
  readonly outcome: 'deleted' | 'planned' | 'unchanged' | 'skipped' | 'failed';
  /** How many files and images are deleted. */
  readonly deleted: number;
  /** How many records are retired. */
  readonly retired: number;
  readonly detail?: string;
  readonly failure?: ReportedFailure;
}

/** How a run ended. Plain data. */
export interface GarbageReport extends Pick<RunEnd, 'success' | 'interrupted' | 'milliseconds'> {
  /** Whether a person said no. */
  readonly declined?: true;
  readonly targets: readonly TargetReport[];
}
