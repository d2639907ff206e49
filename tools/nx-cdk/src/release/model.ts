/*
 * What `release.json` and publish records hold. Plain data. A release is what one synthesis made. Nothing in it depends
 * on when, where, by whom or from which commit it was made.
 */

/** Name of the manifest in the folder of the assembly. */
export const RELEASE_FILE = 'release.json';

/** Version of the format of `release.json` and of publish records. */
export const RELEASE_FORMAT = 1;

/** `release.json`. Paths are relative to the assembly, with `/`. Digests are SHA-256 in 64 hexadecimal digits. */
export interface ReleaseManifest {
  readonly format: typeof RELEASE_FORMAT;
  /** Names the release. Over all that follows but `published`. */
  readonly digest: string;
  /** Versions of what made the assembly, by name: `aws-cdk-lib`, `node` and so on. */
  readonly tools: Readonly<Record<string, string>>;
  /**
   * Digest of each `manifest.json` (without construct metadata), each asset manifest, and every other file that is no
   * template and in no asset, by path; see `assembly-files.ts`.
   */
  readonly manifests: Readonly<Record<string, string>>;
  /** By id of the stack. */
  readonly stacks: Readonly<Record<string, { readonly template: string; readonly sha256: string }>>;
  /** Everything to be published, uploaded templates included, in the order of ids and paths. */
  readonly assets: readonly ReleasedAsset[];
  /** What `publish` added, by `111111111111/eu-west-1`. For people: a deployment trusts records in buckets only. */
  readonly published?: Readonly<Record<string, readonly PublishedDestination[]>>;
}

/** A file, a folder to zip, or an image to build. */
export interface ReleasedAsset {
  /** Source hash: the asset's key in its manifest. */
  readonly id: string;
  readonly kind: 'file' | 'image';
  /** Of a file: whether it is uploaded as it is, or a folder that is zipped. */
  readonly packaging?: 'file' | 'zip';
  /** Absent for an executable source, which has no content before it ran. */
  readonly path?: string;
  /**
   * Of a file: its bytes. Of a folder: names, modes and contents, independent of compression; see
   * `assembly/content-digest.ts`. Of an executable source: its command line.
   */
  readonly sha256: string;
}

/** What one place holds. */
export type PublishedDestination = PublishedObject | PublishedImage;

export interface PublishedObject {
  readonly kind: 'file';
  /** Source hash of the asset. */
  readonly asset: string;
  readonly bucket: string;
  readonly key: string;
  /** Of the bytes of the object; of an archive, of the archive. */
  readonly sha256: string;
  /** If the bucket keeps versions. */
  readonly versionId?: string;
}

export interface PublishedImage {
  readonly kind: 'image';
  readonly asset: string;
  /** Of the repository, if it is not that of the record: repositories of two regions may have one name. */
  readonly region?: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits, from the repository. */
  readonly digest: string;
}

/** What `publish` leaves in a bucket, as the payload of an envelope: what account and region hold of a release. */
export interface PublishRecord {
  readonly format: typeof RELEASE_FORMAT;
  /** Digest of the release. */
  readonly release: string;
  /** `111111111111/eu-west-1` */
  readonly target: string;
  /** Id of the app whose release it is, as in the names of change sets. @default - the workspace has no name */
  readonly owner?: string;
  /** In the order of their buckets and keys, repositories and tags. */
  readonly destinations: readonly PublishedDestination[];
}

/** The beginning of a release's digest, for people. */
export function shortRelease(digest: string): string {
  return digest.slice(0, 12);
}
