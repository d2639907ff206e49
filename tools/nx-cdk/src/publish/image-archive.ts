import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import { sha256Of } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { type Blob, digestOf, type LocalImage, localImage, MEDIA_TYPES, meter } from './local-image.ts';
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

interface Layer extends Blob {
  readonly compression: Compression;
}

/**
 * Reads an archive that `docker save`, `podman save`, `finch save` or `buildah push docker-archive:` wrote, all in the
 * same format. What is sent does not depend on the tool's own way to push: the manifest is made and plain layers are
 * compressed here, once.
 *
 * @param archive the file; what is sent stays in it, or in `folder`
 * @param folder for compressed layers
 * @throws Failure `ImageArchive` if it cannot be understood
 */
export async function readImageArchive(archive: string, folder: string): Promise<LocalImage> {
  try {
    return await read(archive, folder);
  } catch (cause) {
    const what = `What the container tool saved cannot be read (${(cause as Error).message})`;
    throw new Failure('ImageArchive', { what, next: 'try another tool (CDK_DOCKER)' }, { cause });
  }
}

async function read(archive: string, folder: string): Promise<LocalImage> {
  const entries = await indexTar(archive);
  const find = (name: string) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`it lacks ${name}`);
    return entry;
  };
  const images = JSON.parse((await slice(archive, find('manifest.json'))).toString()) as readonly ArchivedImage[];
  if (images.length !== 1) throw new Error(`it holds ${images.length} images instead of one`);
  const { Config, Layers } = images[0]!;
  const config = await slice(archive, find(Config));
  const diffIds = (JSON.parse(config.toString()) as { rootfs?: { diff_ids?: string[] } }).rootfs?.diff_ids ?? [];
  if (diffIds.length !== Layers.length) throw new Error('its configuration names other layers than it holds');
  const limit = pLimit(COMPRESSED_AT_ONCE);
  const layers = await limit.map(Layers, (name, index) =>
    layerOf(archive, find(name), join(folder, `layer-${index}`), diffIds[index]!),
  );
  const configBlob = { digest: digestOf(config), file: archive, ...find(Config) };
  const manifest = manifestOf(configBlob, layers);
  const bytes = Buffer.from(JSON.stringify(manifest));
  return localImage([{ digest: digestOf(bytes), mediaType: manifest.mediaType, bytes }], [configBlob, ...layers]);
}

/** A layer as it is sent: as it is if it is compressed, else compressed in a file of its own. */
async function layerOf(archive: string, entry: TarEntry, file: string, diffId: string): Promise<Layer> {
  const { offset, size } = entry;
  const compression = compressionOf(await slice(archive, { offset, size: Math.min(4, size) }));
  const source = createReadStream(archive, { start: offset, end: offset + size - 1 });
  if (compression !== 'none')
    return { digest: `sha256:${await sha256Of(source)}`, file: archive, ...entry, compression };
  const [plain, packed] = [meter(), meter()];
  // No file name and no time are in the stream: the same layer gives the same bytes.
  await pipeline(source, plain.pass, createGzip(), packed.pass, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  if (plain.measured().digest !== diffId) throw new Error('a layer is not what its configuration says');
  return { ...packed.measured(), file, offset: 0, compression: 'gzip' };
}

/** Docker's manifest, which everything that runs images reads; OCI's if a layer needs it. */
function manifestOf(config: Blob, layers: readonly Layer[]) {
  const oci = layers.some(({ compression }) => compression === 'zstd');
  const entry = (mediaType: string, { size, digest }: Blob) => ({ mediaType, size, digest });
  const configType = oci
    ? 'application/vnd.oci.image.config.v1+json'
    : 'application/vnd.docker.container.image.v1+json';
  return {
    schemaVersion: 2,
    mediaType: oci ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest,
    config: entry(configType, config),
    layers: layers.map((layer) => {
      const docker = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
      return entry(oci ? `application/vnd.oci.image.layer.v1.tar+${layer.compression}` : docker, layer);
    }),
  };
}

function compressionOf(start: Buffer): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return 'none';
}

async function slice(file: string, { offset, size }: TarEntry): Promise<Buffer> {
  await using handle = await open(file);
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await handle.read(bytes, 0, size, offset);
  if (bytesRead !== size) throw new Error('it ends early');
  return bytes;
}
