import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { checkBinary, GLIBC_OF_AL2023, readBinary } from './check-binary.ts';

const X86_64 = { name: 'x86_64', go: 'amd64', rust: 'x86_64-unknown-linux-gnu', elfMachine: 0x3e } as const;
const ARM64 = { name: 'arm64', go: 'arm64', rust: 'aarch64-unknown-linux-gnu', elfMachine: 0xb7 } as const;
const OWN = process.arch === 'arm64' ? ARM64 : X86_64;
const OTHER = OWN === ARM64 ? X86_64 : ARM64;

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

// The Node that runs this is a program as good as any; only Linux has programs of this kind.
(process.platform === 'linux' ? describe : describe.skip)('a program', () => {
  test('tells what it runs on, and the newest C library that it needs', () => {
    const { machine, glibc } = readBinary(readFileSync(process.execPath))!;
    expect(machine).toBe(OWN.elfMachine);
    // https://github.com/nodejs/node/blob/main/BUILDING.md#platform-list
    expect(glibc).toMatch(/^2\.\d+$/);
    expect(glibc).toBe(newestNamed(process.execPath) ?? glibc);
  });

  test('is good where it is for the architecture, needs nothing newer than Lambda has and names no folder', async () => {
    await expect(checkBinary(process.execPath, OWN, ['/no/such/folder/'])).resolves.toBeUndefined();
  });

  test('is refused for the other architecture', async () => {
    await expect(checkBinary(process.execPath, OTHER, [])).rejects.toMatchObject({
      code: 'WrongBinary',
      message: expect.stringContaining(`is no Linux program for ${OTHER.name}`),
    });
  });

  test('is refused where it needs a newer C library than Lambda has', async () => {
    // given: the version's name is all that the loader looks at
    const program = readFileSync(process.execPath);
    const { glibc } = readBinary(program)!;
    const newer = `GLIBC_9.${glibc!.split('.')[1]}`;
    const name = Buffer.from(`GLIBC_${glibc}\0`);
    program.write(newer, program.indexOf(name), 'latin1');
    const file = workspace.path('bootstrap');
    writeFileSync(file, program);

    // then
    await expect(checkBinary(file, OWN, [])).rejects.toMatchObject({
      message: expect.stringContaining(
        `needs version 9.${glibc!.split('.')[1]} of the GNU C library, and the runtime provided.al2023 has ${GLIBC_OF_AL2023}`,
      ),
    });
  });

  test('is refused where it holds the name of a folder, which every machine calls otherwise', async () => {
    await expect(checkBinary(process.execPath, OWN, ['NODE_OPTIONS'])).rejects.toMatchObject({
      message: expect.stringContaining('holds the name of the folder NODE_OPTIONS'),
    });
  });
});

test.each([
  ['a script', '#!/bin/sh\n'],
  ['nothing', ''],
])('%s is no program', (_, text) => {
  expect(readBinary(Buffer.from(text))).toBeUndefined();
});

/** What the tool of the GNU binutils finds; undefined if the machine has none. */
function newestNamed(file: string): string | undefined {
  try {
    const text = execFileSync('readelf', ['-V', '-W', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const named = [...text.matchAll(/Name: GLIBC_(\d+)\.(\d+)(?:\.\d+)?\s+Flags: none/g)];
    return named
      .map(([, major, minor]) => `${major}.${minor}`)
      .sort((a, b) => Number(b.split('.')[1]) - Number(a.split('.')[1]))[0];
  } catch {
    return undefined;
  }
}
