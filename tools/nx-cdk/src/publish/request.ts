import { availableParallelism } from 'node:os';
import type { FileAsset, FileSource, ImageAsset } from '../assembly/index.ts';
import type { DestinationReport } from '../destinations/index.ts';

/**
 * What to publish, and how. An `Assembly` has the fields `files` and `images`; a caller that selects stacks passes
 * fewer.
 */
export interface PublishRequest {
  /** The file assets and templates, one entry a destination; the same destination may stand here many times. */
  readonly files: readonly FileAsset[];
  /** The container images, one entry a destination. @default none */
  readonly images?: readonly ImageAsset[];
  /** What the run is about, for people. @default how many assets go to how many accounts */
  readonly subject?: string;
  readonly limits?: Partial<Limits>;
  /**
   * The folder in which the command of an executable source runs; CDK's own tools take the app's. @default the
   * process's own
   */
  readonly workingDirectory?: string;
  /**
   * Whether the content of a source, which was just read, is what it should be; throws a Failure if it is not, which
   * becomes that of its destinations.
   * @default - everything is
   */
  readonly accept?: (source: FileSource, contentDigest: string) => void;
  /**
   * Compares with what buckets and repositories hold and reports what would be uploaded, but uploads nothing. @default
   * false
   */
  readonly dryRun?: boolean;
  /** Uploads files without looking at what is there; images are never replaced. @default false */
  readonly force?: boolean;
}

/** How much happens at the same time. */
export interface Limits {
  /**
   * Executable asset sources run at a time, and images built, of which never more than two. They are whole builds that
   * use many cores on their own. @default half the cores
   */
  readonly build: number;
  /** Folders zipped at a time. Deflating keeps one core busy each. @default the number of cores */
  readonly zip: number;
  /**
   * Destinations looked at or uploaded to at a time. They mostly wait for the network. @default 50, the SDK's sockets a
   * client
   */
  readonly upload: number;
}

/** The limits of a run that sets none. */
export function defaultLimits(): Limits {
  const cores = availableParallelism();
  return { build: Math.max(1, Math.floor(cores / 2)), zip: cores, upload: 50 };
}

export interface PublishReport {
  /** True if nothing failed and nothing was left out. */
  readonly success: boolean;
  /** True if the signal ended the run early. */
  readonly interrupted: boolean;
  /** Asset by asset, images last. */
  readonly destinations: readonly DestinationReport[];
  readonly totals: Totals;
}

export interface Totals {
  readonly destinations: number;
  readonly uploaded: number;
  readonly unchanged: number;
  readonly replaced: number;
  readonly planned: number;
  readonly skipped: number;
  readonly failed: number;
  /** Bytes sent. */
  readonly bytesUploaded: number;
  readonly seconds: number;
}
