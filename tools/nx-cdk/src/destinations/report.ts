import type { ReportedFailure } from '../failure/index.ts';
import type { Outcome } from '../progress/index.ts';

/** How publishing to one destination ended. Plain data: can be written as JSON. */
export type DestinationReport = FileReport | ImageReport;

interface Common {
  /** Unique in the run; also the id of its progress item. */
  readonly id: string;
  /** Source hash of the asset. */
  readonly assetId: string;
  readonly displayName?: string;
  /** What people read: the display name, else the name of the file. */
  readonly label: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The stacks that need it, by id. */
  readonly stacks: readonly string[];
  /**
   * `uploaded`: it was not there. `unchanged`: it is there, verified by its content. `replaced`: something else was
   * there. `planned`: a dry run would upload or replace it. `skipped`: the run was interrupted before it was done.
   */
  readonly outcome: Extract<Outcome, 'uploaded' | 'unchanged' | 'replaced' | 'failed' | 'planned' | 'skipped'>;
  /** One line: why it was replaced, planned, failed. */
  readonly detail?: string;
  /** Size of the local content. */
  readonly bytes?: number;
  readonly seconds: number;
  readonly failure?: ReportedFailure;
}

/** One object in one bucket. */
export interface FileReport extends Common {
  readonly kind: 'file';
  readonly bucket: string;
  readonly key: string;
  /** SHA-256, hexadecimal, of what the bucket holds now; after a failure or a dry run, of the local content. */
  readonly sha256?: string;
  /** Version of the object that the bucket holds now, if the bucket keeps versions. */
  readonly versionId?: string;
}

/** One tag in one repository. */
export interface ImageReport extends Common {
  readonly kind: 'image';
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits, as its repository tells it. Equal in every destination. */
  readonly digest?: string;
  /** Bytes that were sent: layers that are there are not sent again. */
  readonly bytesSent?: number;
  /** Of an image that was uploaded: made by a build, or read from a destination that had it. */
  readonly obtained?: 'built' | 'copied';
}
