import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readImageArchive } from './image-archive.ts';
import type { LocalImage } from './local-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-image-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an archive that a container tool saved', () => {
  const layers = [randomBytes(5000), Buffer.from('a layer '.repeat(10_000))];

  test('becomes a manifest with compressed layers, the same each time it is read', async () => {
    // given
    const archive = archiveOf(layers);

    // when
    const image = await readImageArchive(archive, scratch());

    // then
    const manifest = manifestOf(image);
    expect(manifest).toMatchObject({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { mediaType: 'application/vnd.docker.container.image.v1+json' },
      layers: layers.map(() => ({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' })),
    });
    expect(image.digest).toBe(`sha256:${sum(image.manifests[0]!.bytes)}`);
    const sent = manifest.layers.map(({ digest }) => bytesOf(image, digest));
    expect(sent.map((bytes) => gunzipSync(bytes))).toEqual(layers);
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(sent.map((bytes) => `sha256:${sum(bytes)}`));
    expect((await readImageArchive(archive, scratch())).digest).toBe(image.digest);
  });

  test('keeps layers that are compressed already as they are', async () => {
    const packed = layers.map((layer) => gzipSync(layer, { level: 1 }));
    const image = await readImageArchive(archiveOf(packed), scratch());
    expect(manifestOf(image).layers.map(({ digest }) => bytesOf(image, digest))).toEqual(packed);
  });

  test('gets a manifest of OCI where a layer is compressed with what Docker has no name for', async () => {
    const zstd = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), randomBytes(100)]);
    const image = await readImageArchive(archiveOf([zstd, layers[0]!]), scratch());
    expect(manifestOf(image)).toMatchObject({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' },
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
      ],
    });
  });

  test('sends a layer that stands in it twice once', async () => {
    const image = await readImageArchive(archiveOf([layers[0]!, layers[0]!]), scratch());
    expect(manifestOf(image).layers).toHaveLength(2);
    expect(image.blobs).toHaveLength(2);
  });

  test.each([
    [
      'whose layer is not what its configuration says',
      () => archiveOf(layers, [layers[1]!, layers[0]!]),
      /not what its/,
    ],
    ['whose configuration names other layers', () => archiveOf(layers, [layers[0]!]), /names other layers/],
    ['that lacks a layer', () => archiveOf(layers, layers, 'layer-1'), /it lacks layer-1/],
    ['without a manifest', () => archiveOf(layers, layers, 'manifest.json'), /it lacks manifest.json/],
  ])('is refused in one sentence: one %s', async (_, make, reason) => {
    await expect(readImageArchive(make(), scratch())).rejects.toMatchObject({
      code: 'ImageArchive',
      message: expect.stringMatching(reason),
    });
  });
});

/** An archive as `docker save` writes it, of layers as they are given. */
function archiveOf(layers: readonly Buffer[], claimed = layers, without?: string): string {
  const tree = scratch();
  layers.forEach((layer, index) => writeFileSync(join(tree, `layer-${index}`), layer));
  const rootfs = { type: 'layers', diff_ids: claimed.map((layer) => `sha256:${sum(layer)}`) };
  writeFileSync(join(tree, 'config.json'), JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs }));
  const Layers = layers.map((_, index) => `layer-${index}`);
  writeFileSync(join(tree, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: ['x:1'], Layers }]));
  if (without) rmSync(join(tree, without));
  execFileSync('tar', ['-cf', `${tree}.tar`, '-C', tree, '.']);
  return `${tree}.tar`;
}

function scratch(): string {
  const path = join(folder, randomBytes(6).toString('hex'));
  mkdirSync(path);
  return path;
}

function manifestOf(image: LocalImage): { layers: { digest: string }[] } {
  return JSON.parse(image.manifests[0]!.bytes.toString()) as { layers: { digest: string }[] };
}

function bytesOf({ blobs }: LocalImage, digest: string): Buffer {
  const { file, offset, size } = blobs.find((blob) => blob.digest === digest)!;
  return readFileSync(file).subarray(offset, offset + size);
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
