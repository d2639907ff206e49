import { isAtLeast } from './versions.ts';

/** What a Linux binary needs of the machine that runs it. */
export interface Binary {
  /** The instruction set: `e_machine`. */
  readonly machine: number;
  /**
   * The newest version of the GNU C library that it names, such as 2.34; undefined if it names none, as a static
   * binary.
   */
  readonly glibc?: string;
}

/** Types of sections, from the ELF specification and its GNU extensions. */
const SHT_GNU_VERNEED = 0x6ffffffe;

/** A version that only optional symbols need: the loader does without. */
const VER_FLG_WEAK = 2;

/**
 * Reads a 64-bit little-endian ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html, and for
 * versions of symbols
 * https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
 *
 * @returns undefined if it is something else
 */
export function readBinary(file: Buffer): Binary | undefined {
  if (file.length < 64 || file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2 || file[5] !== 1)
    return undefined;
  const versions = sections(file)
    .filter(({ type }) => type === SHT_GNU_VERNEED)
    .flatMap(({ offset, link, entries }) => neededVersions(file, offset, entries, sections(file)[link]!.offset));
  const glibc = versions.filter((name) => name.startsWith('GLIBC_')).map((name) => name.slice('GLIBC_'.length));
  // GLIBC_PRIVATE and the like have no number: nothing outside of the library itself may need them.
  const newest = glibc.reduce<string | undefined>(
    (one, other) => (one && isAtLeast(one, other) ? one : other),
    undefined,
  );
  return { machine: file.readUInt16LE(18), glibc: newest };
}

interface Section {
  readonly type: number;
  readonly offset: number;
  /** Index of the section with the names. */
  readonly link: number;
  /** Number of entries, if the type has such a number. */
  readonly entries: number;
}

function sections(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(40));
  const size = file.readUInt16LE(58);
  return Array.from({ length: file.readUInt16LE(60) }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      link: file.readUInt32LE(at + 40),
      entries: file.readUInt32LE(at + 44),
    };
  });
}

/** A chain of libraries, each with a chain of versions that are needed of it. */
function neededVersions(file: Buffer, start: number, libraries: number, names: number): string[] {
  const versions: string[] = [];
  for (let library = start, left = libraries; left > 0; left--) {
    let version = library + file.readUInt32LE(library + 8);
    for (let rest = file.readUInt16LE(library + 2); rest > 0; rest--) {
      const name = names + file.readUInt32LE(version + 8);
      const weak = (file.readUInt16LE(version + 4) & VER_FLG_WEAK) !== 0;
      if (!weak) versions.push(file.toString('latin1', name, file.indexOf(0, name)));
      version += file.readUInt32LE(version + 12);
    }
    library += file.readUInt32LE(library + 12);
  }
  return versions;
}
