import { readFile } from 'node:fs/promises';
import { Failure } from '../failure/index.ts';
import type { Architecture } from './architecture.ts';
import { isAtLeast } from './versions.ts';

/** The GNU C library of the runtime: https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html */
export const GLIBC_OF_AL2023 = '2.34';

/**
 * Checks whether a compiled handler can run in Lambda, before it is deployed and fails there, and whether every machine
 * compiles the same one.
 *
 * @param folders names of folders that must not be in it
 * @throws Failure `WrongBinary`
 */
export async function checkBinary(file: string, architecture: Architecture, folders: readonly string[]): Promise<void> {
  const content = await readFile(file);
  const binary = readBinary(content);
  if (binary?.machine !== architecture.elfMachine) {
    throw new Failure('WrongBinary', {
      what: `${file} is no Linux program for ${architecture.name}`,
      next: 'look which target the compiler was given',
    });
  }
  if (binary.glibc !== undefined && !isAtLeast(GLIBC_OF_AL2023, binary.glibc)) {
    throw new Failure('WrongBinary', {
      what: `${file} needs version ${binary.glibc} of the GNU C library, and the runtime provided.al2023 has ${GLIBC_OF_AL2023}`,
      next: 'build it on a system that is not newer, or without what needs it',
    });
  }
  const named = folders.find((folder) => content.includes(folder));
  if (named !== undefined) {
    throw new Failure('WrongBinary', {
      what: `${file} holds the name of the folder ${named}, and would be another one on every machine`,
      next: `find out who writes it (strings ${file}), most likely code that a build script generates`,
    });
  }
}

/** What a Linux binary needs of the machine that runs it. */
export interface Binary {
  /** The instruction set: `e_machine`. */
  readonly machine: number;
  /** The newest version of the GNU C library that it names, such as 2.34. @default - none: it is a static binary */
  readonly glibc?: string;
}

/** Type of a section, from the GNU extensions of the ELF specification. */
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
  if (file.length < 64 || file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2 || file[5] !== 1) {
    return undefined;
  }
  const all = sections(file);
  const glibc = all
    .filter(({ type }) => type === SHT_GNU_VERNEED)
    .flatMap(({ offset, link, entries }) => neededVersions(file, offset, entries, all[link]!.offset))
    .filter((name) => name.startsWith('GLIBC_'))
    .map((name) => name.slice('GLIBC_'.length))
    .reduce<string | undefined>((newest, one) => (newest && isAtLeast(newest, one) ? newest : one), undefined);
  return { machine: file.readUInt16LE(18), glibc };
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
