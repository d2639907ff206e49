import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { compareChecksum } from './checksum.ts';
import type { Content } from './content.ts';

const MIB = 1024 * 1024;

describe('comparing what S3 says about an object with local content', () => {
  const content = contentOf(Buffer.from('template'));

  test('a SHA-256 of the whole object proves that it is the same', async () => {
    expect(await compareChecksum({ size: 8, checksum: sha256('template') }, content)).toBe('same');
  });

  test('another SHA-256 or another size proves that it is not', async () => {
    expect(await compareChecksum({ size: 8, checksum: sha256('Template') }, content)).toBe('different');
    expect(await compareChecksum({ size: 7, checksum: sha256('template') }, content)).toBe('different');
  });

  test('without a SHA-256, the right size proves nothing', async () => {
    expect(await compareChecksum({ size: 8, checksum: undefined }, content)).toBe('unknown');
  });

  test.each([
    ['one part', 4 * MIB],
    ['exactly two parts', 10 * MIB],
    ['three parts', 10 * MIB + 1],
  ])('a SHA-256 over %s of 5 MiB, as the stock tool uploads, proves it too', async (_, size) => {
    // given
    const bytes = Buffer.alloc(size, 'abcdefg');
    const checksum = checksumOfParts(bytes, 5 * MIB);

    // when / then, whether held in memory or streamed
    for (const content of [contentOf(bytes), { ...contentOf(bytes), buffer: undefined }]) {
      expect(await compareChecksum({ size, checksum }, content)).toBe('same');
    }
    const other = checksumOfParts(Buffer.alloc(size, 'abcdefh'), 5 * MIB);
    expect(await compareChecksum({ size: size, checksum: other }, contentOf(bytes))).toBe('unknown');
  });

  test('a SHA-256 over parts of another size proves nothing', async () => {
    const bytes = Buffer.alloc(20 * MIB, 'x');
    const head = { size: bytes.length, checksum: checksumOfParts(bytes, 8 * MIB) };
    expect(await compareChecksum(head, contentOf(bytes))).toBe('unknown');
  });
});

function contentOf(buffer: Buffer): Content {
  return {
    size: buffer.length,
    digest: 'not compared here',
    sha256: createHash('sha256').update(buffer).digest('hex'),
    contentType: 'application/octet-stream',
    buffer,
    // In pieces that do not fall together with the parts.
    stream: () => Readable.from(pieces(buffer, 1_000_003)),
    [Symbol.asyncDispose]: async () => {},
  };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

function checksumOfParts(bytes: Buffer, size: number): string {
  const digests = [...pieces(bytes, size)].map((piece) => createHash('sha256').update(piece).digest());
  return `${sha256(Buffer.concat(digests))}-${digests.length}`;
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
