import { readFile } from 'node:fs/promises';
import { Failure } from '../failure/index.ts';
import type { Architecture } from './architecture.ts';
import { readBinary } from './elf.ts';
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
