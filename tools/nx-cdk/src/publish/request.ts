import { availableParallelism } from 'node:os';
import type { FileAsset, FileSource, ImageAsset } from '../assembly/index.ts';
import type { Outcome } from '../progress/index.ts';

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
   * Whether the content of a source, which was just read, is what it should be; throws a Failure where it is not, which
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

/** What came of one destination. */
export interface DestinationReport {
  /** Unique in the run; also the id of its progress item. */
  readonly id: string;
  /** Source hash of the asset. */
  readonly assetId: string;
  readonly displayName?: string;
  /** What people read: the display name, else the name of the file. */
  readonly label: string;
  readonly kind: 'file' | 'image';
  /** Bucket of a file; repository of an image. */
  readonly bucket: string;
  /** Key of a file; tag of an image. */
  readonly key: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The stacks that need it, by id. */
  readonly stacks: readonly string[];
  /**
   * `uploaded`: it was not there. `unchanged`: it is there, verified by its content. `replaced`: something else was
   * there.
   * `planned`: a dry run would upload or replace it. `skipped`: the run was interrupted before it was done.
   */
  readonly outcome: Extract<Outcome, 'uploaded' | 'unchanged' | 'replaced' | 'failed' | 'planned' | 'skipped'>;
  /** One line: why it was replaced, planned, failed. */
  readonly detail?: string;
  /** Size of the local content. */
  readonly bytes?: number;
  /**
   * What was sent of it, where that may be less: layers of an image that are there are not sent again. @default all of
   * it
   */
  readonly bytesSent?: number;
  /** Of an image: `sha256:` and 64 hexadecimal digits, as its repository tells it. Equal in every destination. */
  readonly digest?: string;
  /** Of an image that was uploaded: made by a build, or read from a destination that had it. */
  readonly obtained?: 'built' | 'copied';
  /**
   * SHA-256 of what the bucket holds now, hexadecimal; where nothing was uploaded that had to be, of the local content.
   */
  readonly sha256?: string;
  /** Version of the object that the bucket holds now, where the bucket keeps versions. */
  readonly versionId?: string;
  readonly seconds: number;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface PublishReport {
  /** True where nothing failed and nothing was left out. */
  readonly success: boolean;
  /** True where the signal ended the run early. */
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
