import { createWriteStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import type { AwsClients } from '../aws/index.ts';
import { type ImageDestination, noRepository } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import {
  digestOf,
  hearing,
  localImage,
  MEDIA_TYPES,
  type Blob,
  type LocalImage,
  type Manifest,
} from './local-image.ts';
import type { Registries } from './registry.ts';

/** Blobs on their way to, or from, one repository at a time. */
const BLOBS_AT_ONCE = 4;

/**
 * Sends an image to one destination: what of it is not there, the manifest last, so that the tag appears when all is
 * there. An interrupted push leaves blobs behind which the next one finds.
 *
 * @param onSent hears how many bytes were sent so far; blobs that the repository has already are not sent again
 * @throws Failure; `TAG_INVALID` if the tag is immutable and names another image
 */
export async function pushImage(
  aws: AwsClients,
  registries: Registries,
  destination: ImageDestination,
  image: LocalImage,
  onSent: (bytes: number) => void,
): Promise<void> {
  let bytes = 0;
  const digests = image.blobs.map(({ digest }) => digest);
  const there = await blobsAt(aws, destination, digests);
  const missing = image.blobs.filter(({ digest }) => !there.has(digest));
  await each(missing, async (blob) => {
    await upload(registries, destination, blob);
    bytes += blob.size;
    onSent(bytes);
  });
  for (const [index, manifest] of image.manifests.entries()) {
    const reference = index === image.manifests.length - 1 ? destination.tag : manifest.digest;
    await registries.send(destination, {
      action: 'PutImage',
      method: 'PUT',
      path: `manifests/${reference}`,
      headers: { 'Content-Type': manifest.mediaType },
      body: manifest.bytes,
      good: [200, 201, 202],
    });
  }
}

/**
 * As many digests as ECR answers for at a time;
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
 */
const DIGESTS_AT_ONCE = 100;

/**
 * Those of the blobs that a destination's repository has. ECR tells of all of them in one answer; by the registry's own
 * protocol, each is a request.
 *
 * @param digests layers, configurations
 * @throws Failure `NotBootstrapped` if there is no repository; whatever the call throws
 */
async function blobsAt(
  aws: AwsClients,
  destination: ImageDestination,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const [ecr, { BatchCheckLayerAvailabilityCommand }] = await Promise.all([
    aws.ecr(destination.session),
    import('@aws-sdk/client-ecr'),
  ]);
  const { repository: repositoryName, target } = destination;
  const there = new Set<string>();
  try {
    for (let first = 0; first < digests.length; first += DIGESTS_AT_ONCE) {
      const layerDigests = digests.slice(first, first + DIGESTS_AT_ONCE);
      const { layers } = await ecr.send(
        new BatchCheckLayerAvailabilityCommand({ registryId: target.account, repositoryName, layerDigests }),
      );
      for (const { layerDigest, layerAvailability } of layers ?? [])
        if (layerAvailability === 'AVAILABLE' && layerDigest !== undefined) there.add(layerDigest);
    }
  } catch (error) {
    if ((error as Error).name === 'RepositoryNotFoundException') throw noRepository(destination, error);
    throw error;
  }
  return there;
}

/**
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put, which containerd and BuildKit
 * use as well
 */
async function upload(registries: Registries, destination: ImageDestination, blob: Blob): Promise<void> {
  const { digest, file, offset, size } = blob;
  const begun = await registries.send(destination, {
    action: 'InitiateLayerUpload',
    method: 'POST',
    path: 'blobs/uploads/',
    good: [202],
  });
  const location = begun.headers.location;
  if (location === undefined)
    throw new Failure('RegistryRefused', {
      what: `The registry gave no place to upload ${digest} to`,
      next: 'publish again',
    });
  // A relative place is one below the host of the registry.
  const path = location.startsWith('http') ? new URL(location) : location;
  await registries.send(destination, {
    action: 'CompleteLayerUpload',
    method: 'PUT',
    path: withQuery(path, `digest=${encodeURIComponent(digest)}`),
    headers: { 'Content-Type': 'application/octet-stream' },
    body: { file, offset, size },
    good: [201],
  });
}

function withQuery(path: string | URL, query: string): string | URL {
  const text = path.toString();
  const joined = `${text}${text.includes('?') ? '&' : '?'}${query}`;
  return path instanceof URL ? new URL(joined) : joined;
}

/**
 * Fetches an image from a destination that has it, every blob checked against its digest.
 *
 * @param folder for its blobs
 * @throws Failure `AccessDenied` if the role may not read it, `ImageDamaged`
 */
export async function pullImage(
  registries: Registries,
  destination: ImageDestination,
  digest: string,
  folder: string,
): Promise<LocalImage> {
  const manifests: Manifest[] = [];
  const wanted = new Map<string, number>();
  await collect(digest);
  const blobs = await each([...wanted], ([blob, size], index) =>
    download(registries, destination, blob, size, join(folder, `blob-${index}`)),
  );
  return localImage(manifests, blobs);

  /** What a manifest names comes before it. */
  async function collect(reference: string): Promise<void> {
    const manifest = await fetchManifest(registries, destination, reference);
    const content = JSON.parse(manifest.bytes.toString()) as ManifestContent;
    for (const child of content.manifests ?? []) await collect(child.digest);
    for (const { digest, size } of [...(content.config ? [content.config] : []), ...(content.layers ?? [])])
      wanted.set(digest, size);
    manifests.push(manifest);
  }
}

interface ManifestContent {
  readonly config?: { readonly digest: string; readonly size: number };
  readonly layers?: readonly { readonly digest: string; readonly size: number }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

async function fetchManifest(registries: Registries, destination: ImageDestination, digest: string): Promise<Manifest> {
  const { headers, body } = await registries.send(destination, {
    action: 'BatchGetImage',
    method: 'GET',
    path: `manifests/${digest}`,
    headers: { Accept: Object.values(MEDIA_TYPES).join(', ') },
    good: [200],
  });
  if (digestOf(body) !== digest) throw damaged(destination, digest);
  return { digest, mediaType: String(headers['content-type'] ?? MEDIA_TYPES.dockerManifest), bytes: body };
}

async function download(
  registries: Registries,
  destination: ImageDestination,
  digest: string,
  size: number,
  file: string,
): Promise<Blob> {
  let found = '';
  await registries.send(destination, {
    action: 'GetDownloadUrlForLayer',
    method: 'GET',
    path: `blobs/${digest}`,
    receive: async (body) => {
      const hash = createHash('sha256');
      const summing = hearing((chunk) => hash.update(chunk));
      await pipeline(body, summing, createWriteStream(file, { mode: 0o600 }));
      found = `sha256:${hash.digest('hex')}`;
    },
    good: [200],
  });
  if (found !== digest) throw damaged(destination, digest);
  return { digest, size, file, offset: 0 };
}

function damaged({ targetName, repository }: ImageDestination, digest: string): Failure {
  const what = `What ${targetName} holds in ${repository} as ${digest} is something else`;
  return new Failure('ImageDamaged', { what, next: 'delete that image there, then publish again' });
}

/** Works on so many at a time. After a failure nothing more begins, and what runs is waited for. */
async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit({ concurrency: BLOBS_AT_ONCE, rejectOnClear: true });
  const running = items.map((item, index) => limit(work, item, index));
  for (const one of running) one.catch(() => limit.clearQueue());
  // They begin in their order: the first one that is rejected has failed, those behind it may not have begun.
  const settled = await Promise.allSettled(running);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Promise.all(running);
}
