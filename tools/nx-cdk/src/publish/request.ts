import type { FileAsset, FileSource, ImageAsset, ImageSource } from '../assembly/index.ts';
import type { EngineDependencies } from '../aws/index.ts';
import type { Allowable } from './allowed.ts';
import type { Buckets, DestinationReport } from '../destinations/index.ts';

/** What to publish, and how. An `Assembly` has the fields `files` and `images`; or pass those of some stacks. */
export interface PublishRequest {
  /** The file assets and templates, one entry for each destination; a destination may be there many times. */
  readonly files: readonly FileAsset[];
  /** The container images, likewise. @default none */
  readonly images?: readonly ImageAsset[];
  /** What the run is about, for people. @default how many assets there are */
  readonly subject?: string;
  readonly limits?: Partial<Limits>;
  /**
   * The folder in which commands of executable sources run; CDK's own tools take the app's. @default the process's own
   */
  readonly workingDirectory?: string;
  /** What assets may ask for besides their own files. @default nothing */
  readonly allow?: readonly Allowable[];
  /**
   * Checks the content of a source when it is read, and of an image that is built after its build; if it throws a
   * Failure, so do the destinations of the source.
   *
   * @default - any content is right
   */
  readonly accept?: (source: FileSource | ImageSource, contentDigest: string) => void;
  /** Compares with what is at the destinations and reports what would be uploaded. @default false */
  readonly dryRun?: boolean;
  /** Uploads files without looking at what is there; images are never replaced. @default false */
  readonly force?: boolean;
}

/** What the engine works with. */
export interface PublishDependencies extends EngineDependencies {
  /** What is known about the buckets, shared with what writes to them later. @default - asked when needed */
  readonly buckets?: Buckets;
}

/** How much happens at the same time. */
export interface Limits {
  /**
   * Running executable sources, and builds of images, of which never more than two: each uses many cores.
   * @default half the cores
   */
  readonly build: number;
  /** Folders that are zipped. Each keeps one core busy. @default the number of cores */
  readonly zip: number;
  /** Destinations that are looked at or uploaded to. Most wait for the network. @default 50, like the SDK's sockets */
  readonly upload: number;
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

/** The outcomes that are counted. */
export const COUNTED = ['uploaded', 'unchanged', 'replaced', 'planned', 'skipped', 'failed'] as const;

/** How many destinations there are, and how many ended in which way. */
export interface Totals extends Readonly<Record<'destinations' | (typeof COUNTED)[number], number>> {
  /** Bytes sent. */
  readonly bytesUploaded: number;
  readonly seconds: number;
}
