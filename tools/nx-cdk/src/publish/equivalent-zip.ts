import { inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { canonicalMode } from '../assembly/index.ts';

/** Archives beyond this size are not compared entry by entry: both are held in memory for it. In bytes. */
export const COMPARABLE_SIZE = 64 * 1024 * 1024;

/**
 * Whether two archives, as CDK's own tools or `zipFolder` write them, hold the same files.
 *
 * Their bytes may differ for reasons that are nobody's fault: the compressors of two versions of Node, or of two
 * processor architectures, deflate the same content differently, and CDK's own tools write down file modes as the umask
 * left them. Without this, two machines would replace each other's objects for ever.
 *
 * Everything else must be equal, field by field: any other byte that was changed makes the archives different. Archives
 * of the same length are taken to come from the same compressor, so that what it wrote must be the same too: the last
 * byte of deflated content has unused bits.
 *
 * @param ours the archive that was made here
 * @param theirs the archive that was found; may be anything
 */
export async function equivalentZip(ours: Buffer, theirs: Buffer): Promise<boolean> {
  try {
    const [mine, found] = [readDirectory(ours), readDirectory(theirs)];
    if (mine.length !== found.length) return false;
    const sameCompressor = ours.length === theirs.length;
    for (const [index, entry] of mine.entries())
      if (!(await sameEntry(entry, found[index]!, sameCompressor))) return false;
    return true;
  } catch (error) {
    // What is no archive of this kind cannot be equal to one; zlib says so with an error code of its own.
    if (error instanceof NotCanonical || error instanceof RangeError || 'code' in (error as object)) return false;
    throw error;
  }
}

class NotCanonical extends Error {}

interface Entry {
  readonly name: Buffer;
  /** The fields of the local header that do not depend on the compressor: versions, flags, method, time, CRC. */
  readonly local: Buffer;
  /** The same of the central directory. */
  readonly central: Buffer;
  readonly mode: number;
  /** Of the content, in bytes. */
  readonly size: number;
  /** The content, deflated. */
  readonly packed: Buffer;
}

async function sameEntry(ours: Entry, theirs: Entry, sameCompressor: boolean): Promise<boolean> {
  const sameHeaders =
    ours.name.equals(theirs.name) &&
    ours.local.equals(theirs.local) &&
    ours.central.equals(theirs.central) &&
    ours.size === theirs.size &&
    ours.mode === canonicalMode(theirs.mode) &&
    // Lambda cannot run what it may not read.
    (theirs.mode & 0o444) === 0o444;
  if (!sameHeaders) return false;
  if (ours.packed.equals(theirs.packed)) return true;
  return !sameCompressor && (await contentOf(ours)).equals(await contentOf(theirs));
}

/** Never longer than the size says, which is that of our own file by now: what was found may be a bomb. */
function contentOf({ packed, size }: Entry): Promise<Buffer> {
  return promisify(inflateRaw)(packed, { maxOutputLength: Math.max(1, size) });
}

/*
 * Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 (local header, 30 bytes and the
 * name), 4.3.12 (central directory, 46 bytes and the name) and 4.3.16 (end record, 22 bytes). No other record, no extra
 * field and no comment: an archive with one was not written by these tools.
 */
const LOCAL = 30;
const CENTRAL = 46;
const END = 22;

function readDirectory(archive: Buffer): Entry[] {
  const end = archive.length - END;
  expect(end >= 0 && archive.readUInt32LE(end) === 0x06054b50);
  const count = archive.readUInt16LE(end + 10);
  const directory = archive.readUInt32LE(end + 16);
  // Disk numbers and comment length are zero; the counts and the size of the directory agree with each other.
  expect(archive.readUInt32LE(end + 4) === 0 && archive.readUInt16LE(end + 20) === 0);
  expect(archive.readUInt16LE(end + 8) === count && archive.readUInt32LE(end + 12) === end - directory);
  const entries: Entry[] = [];
  let local = 0;
  let central = directory;
  for (let index = 0; index < count; index++) {
    const entry = readEntry(archive, local, central);
    entries.push(entry);
    local = entry.nextLocal;
    central = entry.nextCentral;
  }
  // No gap between the entries and the directory, nor between the directory and the end.
  expect(local === directory && central === end);
  return entries;
}

function readEntry(archive: Buffer, local: number, central: number) {
  expect(archive.readUInt32LE(local) === 0x04034b50 && archive.readUInt32LE(central) === 0x02014b50);
  const packedSize = archive.readUInt32LE(local + 18);
  const size = archive.readUInt32LE(local + 22);
  const nameLength = archive.readUInt16LE(local + 26);
  const name = archive.subarray(local + LOCAL, local + LOCAL + nameLength);
  expect(archive.readUInt16LE(local + 28) === 0);
  // The central directory repeats time, sizes, checksum and name, and points back at the local header.
  expect(archive.subarray(central + 6, central + 32).equals(archive.subarray(local + 4, local + 30)));
  expect(archive.subarray(central + CENTRAL, central + CENTRAL + nameLength).equals(name));
  expect(archive.readUInt32LE(central + 42) === local);
  const start = local + LOCAL + nameLength;
  const packed = archive.subarray(start, start + packedSize);
  expect(packed.length === packedSize);
  return {
    name,
    local: archive.subarray(local + 4, local + 18),
    // Maker, then comment length, disk and attributes; without the mode in the upper half of the external attributes.
    central: Buffer.concat([archive.subarray(central + 4, central + 6), archive.subarray(central + 32, central + 40)]),
    mode: archive.readUInt16LE(central + 40),
    size,
    packed,
    nextLocal: start + packedSize,
    nextCentral: central + CENTRAL + nameLength,
  };
}

function expect(condition: boolean): asserts condition {
  if (!condition) throw new NotCanonical();
}
