import { open } from 'node:fs/promises';
import { posix } from 'node:path';

/** Where a file of an archive is in it. */
export interface TarEntry {
  readonly offset: number;
  readonly size: number;
}

const BLOCK = 512;

/**
 * Finds the files of a tar archive without unpacking or even reading all of it, which libraries for tar cannot. Nothing
 * is written under a name from the archive. A link is followed one step, to a file of the archive: older tools keep a
 * layer once and link to it.
 *
 * The format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, and GNU's long names.
 *
 * @throws Error if the file is no tar archive
 */
export async function indexTar(file: string): Promise<ReadonlyMap<string, TarEntry>> {
  await using handle = await open(file);
  const entries = new Map<string, TarEntry>();
  const links = new Map<string, string>();
  const header = Buffer.alloc(BLOCK);
  let extended: Record<string, string> = {};
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(header, 0, BLOCK, position);
    // Two blocks of zeros end an archive; some writers leave them out.
    if (bytesRead < BLOCK || header.every((byte) => byte === 0)) break;
    if (checksum(header) !== number(header, 148, 8)) throw new Error('it is no tar archive');
    const type = String.fromCharCode(header[156]!);
    const size = extended['size'] === undefined ? number(header, 124, 12) : Number(extended['size']);
    const offset = position + BLOCK;
    position = offset + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x' || type === 'L' || type === 'K') {
      const content = Buffer.alloc(size);
      await handle.read(content, 0, size, offset);
      if (type === 'x') Object.assign(extended, records(content));
      else extended[type === 'L' ? 'path' : 'linkpath'] = text(content, 0, size);
      continue;
    }
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = normal(extended['path'] ?? posix.join(prefix, text(header, 0, 100)));
    const target = extended['linkpath'] ?? text(header, 157, 100);
    if (type === '0' || type === '\0') entries.set(name, { offset, size });
    if (type === '1') links.set(name, normal(target));
    if (type === '2') links.set(name, normal(name, '..', target));
    if (type !== 'g') extended = {};
  }
  for (const [name, target] of links) {
    const entry = entries.get(target);
    if (entry !== undefined) entries.set(name, entry);
  }
  return entries;
}

/** The sum of all bytes of the header, its own field taken for spaces. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

/** Octal digits, or, for what is larger than 8 GiB, GNU's binary form. */
function number(header: Buffer, offset: number, length: number): number {
  if (header[offset]! & 0x80) return Number(header.readBigUInt64BE(offset + length - 8));
  return Number.parseInt(text(header, offset, length).trim() || '0', 8);
}

/** A field, up to its first zero byte. */
function text(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('utf8', offset, offset + length).split('\0')[0]!;
}

/** `27 path=a/long/name\n`, one after the other. The length counts itself. */
function records(content: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let position = 0; position < content.length;) {
    const space = content.indexOf(' ', position);
    const length = Number(content.toString('latin1', position, space));
    if (space < 0 || !(length > 0)) break;
    const [key, ...value] = content.toString('utf8', space + 1, position + length - 1).split('=');
    found[key!] = value.join('=');
    position += length;
  }
  return found;
}

/** A name within the archive, without `./` and `..`. */
function normal(...parts: string[]): string {
  return posix.join('/', ...parts).slice(1);
}
