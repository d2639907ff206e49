import { readFile } from 'node:fs/promises';
import { Failure } from '../failure/index.ts';

/** An instruction set of Lambda, by the names of AWS and of compilers. */
export interface Architecture {
  readonly name: 'arm64' | 'x86_64';
  /** GOARCH. */
  readonly go: string;
  /** Target triple of Rust; the operating system of provided.al2023 has the GNU C library. */
  readonly rust: string;
  /** `e_machine` of an ELF file. */
  readonly elfMachine: number;
}

const ARCHITECTURES: readonly Architecture[] = [
  { name: 'arm64', go: 'arm64', rust: 'aarch64-unknown-linux-gnu', elfMachine: 0xb7 },
  { name: 'x86_64', go: 'amd64', rust: 'x86_64-unknown-linux-gnu', elfMachine: 0x3e },
];

/**
 * Reads what all handlers are compiled for.
 *
 * @param file absolute path of a JSON file with one field, `architecture`
 * @throws Failure `NoArchitecture`
 */
export async function readArchitecture(file: string): Promise<Architecture> {
  const name = await readFile(file, 'utf8')
    .then((text) => (JSON.parse(text) as { architecture?: unknown } | null)?.architecture)
    .catch(() => undefined);
  const found = ARCHITECTURES.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Failure('NoArchitecture', {
    what: `${file} does not say what handlers are compiled for`,
    next: 'write { "architecture": "x86_64" } or { "architecture": "arm64" } into it',
  });
}
