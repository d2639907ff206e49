import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** A package of Python, as far as pip has to know it. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** What it runs on: https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/ */
  readonly tag: string;
  /** Its only module. */
  readonly content: string;
  /** Names of packages that it requires. @default [] */
  readonly requires?: readonly string[];
  /** Name of a program that it brings. @default - none */
  readonly program?: string;
}

/** Writes a package into a folder, where pip finds it with `--find-links`. */
export async function writeWheel(folder: string, { name, version, tag, content, ...more }: Wheel): Promise<void> {
  const { requires = [], program } = more;
  const about = `${name}-${version}.dist-info`;
  const metadata = [`Metadata-Version: 2.1`, `Name: ${name}`, `Version: ${version}`];
  const files = {
    [`${name}.py`]: content,
    [`${about}/METADATA`]: [...metadata, ...requires.map((one) => `Requires-Dist: ${one}`), ''].join('\n'),
    [`${about}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: spec\nRoot-Is-Purelib: false\nTag: ${tag}\n`,
    ...(program && { [`${about}/entry_points.txt`]: `[console_scripts]\n${program} = ${name}:main\n` }),
  };
  const record = [...Object.keys(files), `${about}/RECORD`].map((file) => `${file},,\n`).join('');
  const zip = new yazl.ZipFile();
  for (const [file, text] of Object.entries({ ...files, [`${about}/RECORD`]: record })) {
    zip.addBuffer(Buffer.from(text), file);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(folder, `${name}-${version}-${tag}.whl`)));
}
