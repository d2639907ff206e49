import { createHash, hash } from 'node:crypto';

/** One blob of an image: a layer, compressed as it is sent, or the configuration. */
export interface Blob {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  /** The file that holds its bytes, from `offset` on. */
  readonly file: string;
  readonly offset: number;
}

/** A manifest as it is sent. Registries know it by the digest of these bytes. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** An image that is ready to be sent to any registry, the same bytes to each. */
export interface LocalImage {
  /** Digest of the manifest that the tag will name. */
  readonly digest: string;
  /** In the order in which they have to be sent: what an index names comes before it. The last one gets the tag. */
  readonly manifests: readonly Manifest[];
  readonly blobs: readonly Blob[];
  /** All of it, in bytes. */
  readonly size: number;
}

/**
 * Media types that `PutImage` takes; https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
 */
export const MEDIA_TYPES = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
} as const;

/** An image of manifests and blobs, each blob once. */
export function localImage(manifests: readonly Manifest[], blobs: readonly Blob[]): LocalImage {
  const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const sizes = [...unique.map(({ size }) => size), ...manifests.map(({ bytes }) => bytes.length)];
  const size = sizes.reduce((sum, each) => sum + each, 0);
  return { digest: manifests.at(-1)!.digest, manifests, blobs: unique, size };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${hash('sha256', bytes)}`;
}

/** Measures what passes through a pipeline. */
export function meter() {
  const sum = createHash('sha256');
  let size = 0;
  return {
    async *pass(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        sum.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    /** At the end. */
    measured: () => ({ digest: `sha256:${sum.digest('hex')}`, size }),
  };
}
