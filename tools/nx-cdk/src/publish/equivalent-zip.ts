import { inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { canonicalMode } from '../assembly/index.ts';

/** Archives beyond this size are not compared entry by entry: both are held in memory for it. In bytes. */
export const COMPARABLE_SIZE = 64 * 1024 * 1024;

/**
 * Whether two archives, as CDK's own tools or `zipFolder` write them, hold the same files.
 *
 * Two differences do not count, so that two machines do not replace each other's objects forever: deflated content,
 * which depends on the version of Node and the processor architecture, and file modes, which CDK's own tools write as
 * the umask left them. Any other byte that was changed makes the archives different.
 *
 * Archives of the same length are taken to come from the same compressor, so that what it wrote must be the same too:
 * the last byte of deflated content has unused bits.
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

/** An entry: its headers without what depends on the compressor, and its content. */
interface Entry {
  /** Local header (versions, flags, method, time, CRC), size, name, and the rest of the central record. */
  readonly headers: Buffer;
  readonly mode: number;
  /** Of the content, in bytes. */
  readonly size: number;
  /** The content, deflated. */
  readonly packed: Buffer;
}

async function sameEntry(ours: Entry, theirs: Entry, sameCompressor: boolean): Promise<boolean> {
  if (!ours.headers.equals(theirs.headers) || ours.mode !== canonicalMode(theirs.mode)) return false;
  // Lambda cannot run what it may not read.
  if ((theirs.mode & 0o444) !== 0o444) return false;
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
  let [local, central] = [0, directory];
  for (let index = 0; index < count; index++) {
    const nameLength = archive.readUInt16LE(local + 26);
    const entry = readEntry(archive, local, central, nameLength);
    entries.push(entry);
    local += LOCAL + nameLength + entry.packed.length;
    central += CENTRAL + nameLength;
  }
  // No gap between the entries and the directory, nor between the directory and the end.
  expect(local === directory && central === end);
  return entries;
}

function readEntry(archive: Buffer, local: number, central: number, nameLength: number): Entry {
  const part = (start: number, length: number) => archive.subarray(start, start + length);
  expect(archive.readUInt32LE(local) === 0x04034b50 && archive.readUInt32LE(central) === 0x02014b50);
  const name = part(local + LOCAL, nameLength);
  // The central directory repeats all of the local header and the name, and points back at it. No extra field.
  expect(part(central + 6, 26).equals(part(local + 4, 26)) && part(central + CENTRAL, nameLength).equals(name));
  expect(archive.readUInt32LE(central + 42) === local && archive.readUInt16LE(local + 28) === 0);
  const size = archive.readUInt32LE(local + 22);
  const packed = part(local + LOCAL + nameLength, archive.readUInt32LE(local + 18));
  expect(packed.length === archive.readUInt32LE(local + 18));
  // Without the packed size, and without the mode in the upper half of the external attributes.
  const fields = [part(local + 4, 14), part(local + 22, 6), part(central + 4, 2), part(central + 32, 8), name];
  return { headers: Buffer.concat(fields), mode: archive.readUInt16LE(central + 40), size, packed };
}

function expect(condition: boolean): asserts condition {
  if (!condition) throw new NotCanonical();
}
