import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { AwsClients } from '../aws/index.ts';
import { type ImageDestination, noRepository } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { type Blob, digestOf, type LocalImage, localImage, type Manifest, MEDIA_TYPES, meter } from './local-image.ts';
import type { Registries } from './registry.ts';

/** Blobs sent to, or fetched from, one repository at a time. */
const BLOBS_AT_ONCE = 4;

/**
 * Sends an image to one destination: the blobs that it lacks, then the manifest, so that the tag appears when all is
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
  const there = await blobsAt(aws, destination, image.blobs);
  const missing = image.blobs.filter(({ digest }) => !there.has(digest));
  await each(missing, async (blob) => {
    await upload(registries, destination, blob);
    bytes += blob.size;
    onSent(bytes);
  });
  for (const manifest of image.manifests) {
    const reference = manifest === image.manifests.at(-1) ? destination.tag : manifest.digest;
    await registries.send(destination, {
      action: 'PutImage',
      method: 'PUT',
      path: `manifests/${reference}`,
      headers: { 'Content-Type': manifest.mediaType },
      body: manifest.bytes,
    });
  }
}

/**
 * The most digests in one request;
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
 */
const DIGESTS_AT_ONCE = 100;

/**
 * Digests of the blobs that a destination's repository has. ECR answers for all of them at once; by the registry's own
 * protocol, each is a request.
 *
 * @throws Failure `NotBootstrapped` if there is no repository; whatever the call throws
 */
async function blobsAt(
  aws: AwsClients,
  destination: ImageDestination,
  blobs: readonly Blob[],
): Promise<ReadonlySet<string>> {
  const { BatchCheckLayerAvailabilityCommand } = await import('@aws-sdk/client-ecr');
  const ecr = await aws.ecr(destination.session);
  const repository = { registryId: destination.target.account, repositoryName: destination.repository };
  const there = new Set<string>();
  try {
    for (let first = 0; first < blobs.length; first += DIGESTS_AT_ONCE) {
      const layerDigests = blobs.slice(first, first + DIGESTS_AT_ONCE).map(({ digest }) => digest);
      const { layers } = await ecr.send(new BatchCheckLayerAvailabilityCommand({ ...repository, layerDigests }));
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
  const begin = { action: 'InitiateLayerUpload', method: 'POST', path: 'blobs/uploads/' } as const;
  const { location } = (await registries.send(destination, begin)).headers;
  if (location === undefined) {
    const what = `The registry gave no place to upload ${blob.digest} to`;
    throw new Failure('RegistryRefused', { what, next: 'publish again' });
  }
  await registries.send(destination, {
    action: 'CompleteLayerUpload',
    method: 'PUT',
    path: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: blob,
  });
}

/**
 * Fetches an image from a destination that has it, and checks every blob against its digest.
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
  const wanted = new Set<string>();
  await collect(digest);
  const blobs = await each([...wanted], (blob, index) =>
    download(registries, destination, blob, join(folder, `blob-${index}`)),
  );
  return localImage(manifests, blobs);

  /** What a manifest names comes before it. */
  async function collect(reference: string): Promise<void> {
    const manifest = await fetchManifest(registries, destination, reference);
    const { manifests: children = [], config, layers = [] } = JSON.parse(manifest.bytes.toString()) as ManifestContent;
    for (const child of children) await collect(child.digest);
    for (const blob of config ? [config, ...layers] : layers) wanted.add(blob.digest);
    manifests.push(manifest);
  }
}

type Named = { readonly digest: string };
type ManifestContent = { readonly config?: Named; readonly layers?: Named[]; readonly manifests?: Named[] };

async function fetchManifest(registries: Registries, destination: ImageDestination, digest: string): Promise<Manifest> {
  const { headers, body: bytes } = await registries.send(destination, {
    action: 'BatchGetImage',
    method: 'GET',
    path: `manifests/${digest}`,
    headers: { Accept: Object.values(MEDIA_TYPES).join(', ') },
  });
  if (digestOf(bytes) !== digest) throw damaged(destination, digest);
  return { digest, mediaType: headers['content-type'] ?? MEDIA_TYPES.dockerManifest, bytes };
}

async function download(
  registries: Registries,
  destination: ImageDestination,
  digest: string,
  file: string,
): Promise<Blob> {
  let found = { digest: '', size: 0 };
  await registries.send(destination, {
    action: 'GetDownloadUrlForLayer',
    method: 'GET',
    path: `blobs/${digest}`,
    receive: async (body) => {
      const { pass, measured } = meter();
      await pipeline(body, pass, createWriteStream(file, { mode: 0o600 }));
      found = measured();
    },
  });
  if (found.digest !== digest) throw damaged(destination, digest);
  return { ...found, file, offset: 0 };
}

function damaged({ targetName, repository }: ImageDestination, digest: string): Failure {
  const what = `What ${targetName} holds in ${repository} as ${digest} is something else`;
  return new Failure('ImageDamaged', { what, next: 'delete that image there, then publish again' });
}

/** Works on some items at a time. After a failure no further one is started, and running ones are waited for. */
async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = (function* () {
    yield* items.entries();
  })();
  const worker = async () => {
    // An error that leaves the loop ends the generator, for all workers.
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  const ended = await Promise.allSettled(Array.from({ length: BLOBS_AT_ONCE }, worker));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return results;
}
