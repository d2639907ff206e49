import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import { Failure } from '../failure/index.ts';
import { digestOf, hearing, localImage, MEDIA_TYPES, type Blob, type LocalImage } from './local-image.ts';
import { indexTar, type TarEntry } from './tar-index.ts';

/** Layers compressed at a time: as many as Node has threads to deflate with. */
const COMPRESSED_AT_ONCE = 4;

/**
 * One image of a `manifest.json`;
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
interface ArchivedImage {
  readonly Config: string;
  readonly Layers: readonly string[];
}

type Compression = 'none' | 'gzip' | 'zstd';

/**
 * Reads an archive that `docker save`, `podman save`, `finch save` or `buildah push docker-archive:` wrote. All of them
 * write this format, so what is sent does not depend on the tool's own way to push: the manifest is made here, once,
 * and layers that are not compressed are, once.
 *
 * @param archive the file; what is sent stays in it, or in `folder`
 * @param folder for compressed layers
 * @throws Failure `ImageArchive` if it cannot be understood
 */
export async function readImageArchive(archive: string, folder: string): Promise<LocalImage> {
  try {
    return await read(archive, folder);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const what = `What the container tool saved cannot be read (${(cause as Error).message})`;
    throw new Failure('ImageArchive', { what, next: 'try another tool (CDK_DOCKER)' }, { cause });
  }
}

async function read(archive: string, folder: string): Promise<LocalImage> {
  const entries = await indexTar(archive);
  const content = async (name: string) => {
    const { offset, size } = find(entries, name);
    return { offset, bytes: await slice(archive, offset, size) };
  };
  const images = JSON.parse((await content('manifest.json')).bytes.toString()) as readonly ArchivedImage[];
  if (images.length !== 1) throw new Error(`it holds ${images.length} images instead of one`);
  const { Config, Layers } = images[0]!;
  const config = await content(Config);
  const diffIds = (JSON.parse(config.bytes.toString()) as { rootfs?: { diff_ids?: string[] } }).rootfs?.diff_ids ?? [];
  if (diffIds.length !== Layers.length) throw new Error('its configuration names other layers than it holds');
  const limit = pLimit(COMPRESSED_AT_ONCE);
  const layers = await Promise.all(
    Layers.map((name, index) =>
      limit(() => layer(archive, find(entries, name), join(folder, `layer-${index}`), diffIds[index]!)),
    ),
  );
  const configBlob = {
    digest: digestOf(config.bytes),
    size: config.bytes.length,
    file: archive,
    offset: config.offset,
  };
  const manifest = manifestOf(configBlob, layers);
  const bytes = Buffer.from(JSON.stringify(manifest));
  const { mediaType } = manifest;
  return localImage([{ digest: digestOf(bytes), mediaType, bytes }], [configBlob, ...layers.map(({ blob }) => blob)]);
}

interface Layer {
  readonly blob: Blob;
  readonly compression: Compression;
}

async function layer(archive: string, entry: TarEntry, target: string, diffId: string): Promise<Layer> {
  const { offset, size } = entry;
  const compression = compressionOf(await slice(archive, offset, Math.min(4, size)));
  const source = () => createReadStream(archive, { start: offset, end: offset + size - 1 });
  if (compression !== 'none') {
    const hash = createHash('sha256');
    for await (const chunk of source() as AsyncIterable<Buffer>) hash.update(chunk);
    return { blob: { digest: `sha256:${hash.digest('hex')}`, size, file: archive, offset }, compression };
  }
  const [plain, packed] = [createHash('sha256'), createHash('sha256')];
  let packedSize = 0;
  const hearPlain = hearing((chunk) => plain.update(chunk));
  const hearPacked = hearing((chunk) => {
    packed.update(chunk);
    packedSize += chunk.length;
  });
  // No file name and no time are in the stream: the same layer gives the same bytes.
  await pipeline(
    source(),
    hearPlain,
    createGzip(),
    hearPacked,
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
  );
  if (`sha256:${plain.digest('hex')}` !== diffId) throw new Error('a layer is not what its configuration says');
  const digest = `sha256:${packed.digest('hex')}`;
  return { blob: { digest, size: packedSize, file: target, offset: 0 }, compression: 'gzip' };
}

/** Docker's manifest, which everything that runs images reads; OCI's if a layer needs it. */
function manifestOf(config: Blob, layers: readonly Layer[]) {
  const oci = layers.some(({ compression }) => compression === 'zstd');
  const entry = (mediaType: string, { size, digest }: Blob) => ({ mediaType, size, digest });
  return {
    schemaVersion: 2,
    mediaType: oci ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest,
    config: entry(
      oci ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.docker.container.image.v1+json',
      config,
    ),
    layers: layers.map(({ blob, compression }) => {
      const docker = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
      return entry(oci ? `application/vnd.oci.image.layer.v1.tar+${compression}` : docker, blob);
    }),
  };
}

function compressionOf(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return 'none';
}

function find(entries: ReadonlyMap<string, TarEntry>, name: string): TarEntry {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`it lacks ${name}`);
  return entry;
}

async function slice(file: string, offset: number, size: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await handle.read(bytes, 0, size, offset);
    if (bytesRead !== size) throw new Error('it ends early');
    return bytes;
  } finally {
    await handle.close();
  }
}
