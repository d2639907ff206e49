import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { canonicalMode, FolderDigest } from '../assembly/index.ts';
import type { Held } from './held.ts';

/** What has to be known of a file to find it in an archive; that of a folder, or what the archive itself says. */
export interface PackedFile {
  /** Its path in the folder, with `/` between names. */
  readonly name: string;
  readonly stats: { readonly size: number; readonly mode: number };
}

/**
 * The digest of what an archive holds, as `FolderDigest` has it; undefined if that cannot be the files of the folder.
 *
 * Two differences to the archive that `zipFolder` makes do not count, so that two machines do not replace each other's
 * objects forever: how content was deflated, which depends on the version of Node and the processor architecture, and
 * the bits of a mode that a umask leaves. Every other byte has to be what yazl writes, the library of CDK's own tools:
 * no program can find other files in such an archive than this one.
 *
 * Nothing in an archive is believed. It is read from the disk, entry by entry, and no entry is inflated to more than
 * its file in the folder has.
 *
 * @param archive may be anything
 * @param files of the folder, as `listFolder` has them. Where the folder is not, what the archive says is in it: the
 * digest then says whether these are the files
 */
export async function digestOfArchive(archive: Held, files?: readonly PackedFile[]): Promise<string | undefined> {
  try {
    const digest = new FolderDigest();
    for (const entry of await readEntries(archive, files ?? (await listArchive(archive)))) {
      digest.add(entry.name, entry.mode, await inflate(archive, entry));
    }
    return digest.end();
  } catch (error) {
    // What is no archive of this kind cannot be equal to one; zlib says so with an error code of its own.
    if (error instanceof NotCanonical || /^Z_|^ERR_BUFFER/.test(String((error as { code?: unknown }).code)))
      return undefined;
    throw error;
  }
}

/** The most bytes that an archive of these files can have: deflate adds 5 bytes to 16 KiB that it cannot pack. */
export function largestArchive(files: readonly PackedFile[]): number {
  const sizes = files.map(({ name, stats }) => 2 * lengthOf(name) + HEADERS + stats.size * 1.001);
  return Math.ceil(sizes.reduce((sum, size) => sum + size, ENDS));
}

class NotCanonical extends Error {}

/** An entry whose headers are as they have to be. */
interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly crc: number;
  /** Of the content, in bytes. */
  readonly size: number;
  /** Of the deflated content, in bytes. */
  readonly packed: number;
  /** Whether sizes have 64 bits in its record. */
  readonly wide: boolean;
  /** Whether CRC and sizes come after the content, since they were not known before. */
  readonly streamed: boolean;
  /** Where it begins in the archive. */
  readonly offset: number;
}

/** So much is read at once, which is much quicker for small files. In bytes. */
const AT_ONCE = 1024 * 1024;

/** SHA-256 of the content of an entry. */
async function inflate(archive: Held, entry: Entry): Promise<string> {
  const [sum, inflated] = [createHash('sha256'), createInflateRaw()];
  let [size, crc] = [0, 0];
  const start = entry.offset + headerOf(entry).length;
  const end = start + entry.packed;
  const packed = entry.packed > AT_ONCE ? archive.stream(start, end) : [await archive.read(start, end)];
  await pipeline(packed, inflated, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      size += chunk.length;
      expect(size <= entry.size);
      crc = crc32(chunk, crc);
      sum.update(chunk);
    }
  });
  // The whole of it was deflated content, with nothing behind its end.
  expect(size === entry.size && crc === entry.crc && inflated.bytesWritten === entry.packed);
  return sum.digest('hex');
}

/** The entries, if they are those of the files. Each begins where the one before it ends, up to the directory. */
async function readEntries(archive: Held, files: readonly PackedFile[]): Promise<Entry[]> {
  const { directory, start } = await readDirectory(archive, files);
  const entries: Entry[] = [];
  let [offset, at] = [0, 0];
  for (const file of files) {
    const entry = readRecord(directory.subarray(at), file, offset);
    const [record, header, descriptor] = [recordOf(entry), headerOf(entry), descriptorOf(entry)];
    const content = offset + header.length;
    const end = content + entry.packed;
    expect(end <= start);
    expect(directory.subarray(at, at + record.length).equals(record));
    expect((await archive.read(offset, content)).equals(header));
    expect((await archive.read(end, end + descriptor.length)).equals(descriptor));
    entries.push(entry);
    offset = end + descriptor.length;
    at += record.length;
  }
  expect(offset === start && at === directory.length);
  return entries;
}

/** The central directory and where it begins, if what follows it is as it has to be. */
async function readDirectory(archive: Held, files: readonly PackedFile[]) {
  const longest = files.reduce((sum, { name }) => sum + CENTRAL + lengthOf(name) + EXTRA, 0);
  const tail = await archive.read(Math.max(0, archive.size - ENDS), archive.size);
  expect(tail.length >= END);
  const [short, start32] = [tail.readUInt32LE(tail.length - 10), tail.readUInt32LE(tail.length - 6)];
  const wide = tail.length === ENDS && (start32 === ALL || files.length >= 0xffff);
  const length = wide ? Number(tail.readBigUInt64LE(40)) : short;
  const start = archive.size - (wide ? ENDS : END) - length;
  expect(length <= longest && start >= 0);
  const ends = endsOf(files.length, length, start);
  expect(ends.length === (wide ? ENDS : END) && tail.subarray(-ends.length).equals(ends));
  return { directory: await archive.read(start, start + length), start };
}

/** The largest directory of an archive that is read: of half a million files. In bytes. */
const LARGEST_DIRECTORY = 64 * 1024 * 1024;

/** The most that files may have together which an archive alone tells of. In bytes. */
const MOST = 20 * 1024 ** 3;

/**
 * The files that an archive says it holds. Only names, sizes and modes are taken from it, to be compared like those of
 * a folder: a name leads nowhere.
 */
async function listArchive(archive: Held): Promise<PackedFile[]> {
  const tail = await archive.read(Math.max(0, archive.size - ENDS), archive.size);
  expect(tail.length >= END);
  const wide = tail.length === ENDS && tail.readUInt32LE(0) === 0x06064b50;
  const length = wide ? Number(tail.readBigUInt64LE(40)) : tail.readUInt32LE(tail.length - 10);
  const start = archive.size - (wide ? ENDS : END) - length;
  expect(length <= LARGEST_DIRECTORY && start >= 0);
  const directory = await archive.read(start, start + length);
  const files: PackedFile[] = [];
  let [at, all] = [0, 0];
  while (at < directory.length) {
    expect(directory.length - at >= CENTRAL);
    const [named, extra] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30)];
    const end = at + CENTRAL + named + extra;
    expect(end <= directory.length && (extra === 0 || extra === EXTRA));
    const name = directory.toString('utf8', at + CENTRAL, at + CENTRAL + named);
    const size =
      extra === 0 ? directory.readUInt32LE(at + 24) : Number(directory.readBigUInt64LE(at + CENTRAL + named + 4));
    all += size;
    expect(all <= MOST);
    files.push({ name, stats: { size, mode: directory.readUInt16LE(at + 40) } });
    at = end;
  }
  return files;
}

/** What only the record of a file says: all else is known. */
function readRecord(record: Buffer, { name, stats }: PackedFile, offset: number): Entry {
  expect(record.length >= CENTRAL);
  const wide = record.readUInt16LE(6) === VERSION_64;
  const extra = CENTRAL + lengthOf(name);
  expect(!wide || record.length >= extra + EXTRA);
  const packed = wide ? Number(record.readBigUInt64LE(extra + 12)) : record.readUInt32LE(20);
  // Sizes of 64 bits are where they have to be, and nowhere else: who reads an archive from its beginning does not see
  // them, and would take the rest of them for the end of the files.
  expect(wide === [stats.size, packed, offset].some((each) => each >= ALL));
  const [streamed, crc, mode] = [record.readUInt16LE(8) !== UTF8, record.readUInt32LE(16), record.readUInt16LE(40)];
  // A regular file, which Lambda may read, and which may be run if that of the folder may.
  expect((mode & 0o177444) === 0o100444 && canonicalMode(mode) === canonicalMode(stats.mode));
  return { name, mode, crc, size: stats.size, packed, wide, streamed, offset };
}

/*
 * What yazl writes, by https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 (local header), 4.3.9
 * (data descriptor), 4.3.12 (central directory), 4.3.14 to 4.3.16 (ends) and 4.5.3 (sizes of 64 bits).
 */

/** Lengths without names, in bytes. `HEADERS`: no entry has more, with what an empty content is packed to. */
const [CENTRAL, EXTRA, END, ENDS, HEADERS] = [46, 28, 22, 98, 192];

/** Unix, version 6.3 of the specification. */
const MADE_BY = 0x033f;
const [VERSION, VERSION_64] = [20, 45];
/** Names are UTF-8; CRC and sizes follow the content. */
const [UTF8, STREAMED] = [0x0800, 0x0008];
const DEFLATED = 8;
/** The first of January 1980, which is what `FIXED_TIME` of `zip-folder.ts` is in any time zone. */
const [TIME, DATE] = [0, 0x21];
/** In place of what is told with 64 bits. */
const ALL = 0xffffffff;

type Field = readonly [bytes: 2 | 4 | 8, value: number];

function headerOf({ name, crc, size, packed, streamed }: Entry): Buffer {
  const known: readonly Field[] = [
    [4, crc],
    [4, packed],
    [4, size],
  ];
  const later: readonly Field[] = [
    [4, 0],
    [4, 0],
    [4, 0],
  ];
  const sums = streamed ? later : known;
  return bytes([4, 0x04034b50], [2, VERSION], ...kindOf(streamed), ...sums, [2, lengthOf(name)], [2, 0], name);
}

function descriptorOf({ crc, size, packed, streamed, wide }: Entry): Buffer {
  const width = wide ? 8 : 4;
  return streamed ? bytes([4, 0x08074b50], [4, crc], [width, packed], [width, size]) : bytes();
}

function recordOf({ name, mode, crc, size, packed, offset, wide, streamed }: Entry): Buffer {
  const version = wide ? VERSION_64 : VERSION;
  const sizes = [packed, size].map((each): Field => [4, wide ? ALL : each]);
  const lengths: readonly Field[] = [
    [2, lengthOf(name)],
    [2, wide ? EXTRA : 0],
    [2, 0],
  ];
  const attributes: readonly Field[] = [
    [2, 0],
    [2, 0],
    [2, 0],
    [2, mode],
    [4, wide ? ALL : offset],
  ];
  const extra: readonly Field[] = wide
    ? [
        [2, 1],
        [2, EXTRA - 4],
        [8, size],
        [8, packed],
        [8, offset],
      ]
    : [];
  const first: readonly Field[] = [[4, 0x02014b50], [2, MADE_BY], [2, version], ...kindOf(streamed), [4, crc]];
  return bytes(...first, ...sizes, ...lengths, ...attributes, name, ...extra);
}

function endsOf(count: number, length: number, start: number): Buffer {
  const counts: readonly Field[] = [
    [2, Math.min(count, 0xffff)],
    [2, Math.min(count, 0xffff)],
  ];
  const end = bytes([4, 0x06054b50], [4, 0], ...counts, [4, Math.min(length, ALL)], [4, Math.min(start, ALL)], [2, 0]);
  if (count < 0xffff && length < ALL && start < ALL) return end;
  const record: readonly Field[] = [
    [4, 0x06064b50],
    [8, 44],
    [2, MADE_BY],
    [2, VERSION_64],
    [8, 0],
  ];
  const sums: readonly Field[] = [
    [8, count],
    [8, count],
    [8, length],
    [8, start],
  ];
  return Buffer.concat([bytes(...record, ...sums, [4, 0x07064b50], [4, 0], [8, start + length], [4, 1]), end]);
}

function kindOf(streamed: boolean): readonly Field[] {
  return [
    [2, streamed ? UTF8 | STREAMED : UTF8],
    [2, DEFLATED],
    [2, TIME],
    [2, DATE],
  ];
}

/** Numbers as archives have them, the lowest byte first, and names. */
function bytes(...fields: readonly (Field | string)[]): Buffer {
  const parts = fields.map((field) => {
    if (typeof field === 'string') return Buffer.from(field);
    const [width, value] = field;
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(value));
    return number.subarray(0, width);
  });
  return Buffer.concat(parts);
}

function lengthOf(name: string): number {
  return Buffer.byteLength(name);
}

function expect(condition: boolean): asserts condition {
  if (!condition) throw new NotCanonical();
}
