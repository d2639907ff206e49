/** An instruction set of Lambda, as AWS calls it. */
export type ArchitectureName = 'arm64' | 'x86_64';

/** An instruction set of Lambda, by the names of compilers. */
export interface Architecture {
  readonly name: ArchitectureName;
  /** GOARCH. */
  readonly go: string;
  /** Target triple of Rust; the operating system of provided.al2023 has the GNU C library. */
  readonly rust: string;
  /** `e_machine` of an ELF file. */
  readonly elfMachine: number;
}

export const ARCHITECTURES: Readonly<Record<ArchitectureName, Architecture>> = {
  arm64: { name: 'arm64', go: 'arm64', rust: 'aarch64-unknown-linux-gnu', elfMachine: 0xb7 },
  x86_64: { name: 'x86_64', go: 'amd64', rust: 'x86_64-unknown-linux-gnu', elfMachine: 0x3e },
};
