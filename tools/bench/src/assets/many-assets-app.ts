import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Place } from 'test-bed';
import { writeApp } from '../apps.ts';

/** A file of an asset. */
export interface SourceFile {
  /** Path below the folder of all sources. */
  readonly path: string;
  readonly content: string;
}

/** What an asset is made of: a folder to be zipped, or one file. */
export interface Source {
  readonly name: string;
  readonly files: readonly SourceFile[];
}

/**
 * Sources as apps have them: three of five are folders of 3 to 8 files, 10 to 200 kB together (a bundled function, a
 * layer, a site), the others single files of 1 to 100 kB. The same for the same number in each run.
 */
export function sources(count: number): Source[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(4, '0');
    // Between 0 and 1, spread evenly: multiples of the golden ratio.
    const share = (index * 0.618034) % 1;
    if (index % 5 >= 3) {
      const name = `file-${number}.${index % 2 ? 'json' : 'js'}`;
      return { name, files: [{ path: name, content: textOf(name, 1_000 + share * 99_000) }] };
    }
    const name = `folder-${number}`;
    const count = 3 + (index % 6);
    const paths = Array.from({ length: count }, (_, file) => `${name}/${file % 3 === 2 ? 'lib/' : ''}part-${file}.js`);
    const size = (10_000 + share * 190_000) / count;
    return { name, files: paths.map((path) => ({ path, content: textOf(path, size) })) };
  });
}

/** Writes a CDK app with one stack a place, each of which needs every asset. */
export async function writeManyAssetsApp(folder: string, count: number, places: readonly Place[]): Promise<void> {
  const all = sources(count);
  for (const { path, content } of all.flatMap(({ files }) => files)) {
    const file = join(folder, 'sources', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const code = `for (const env of places) {
  const stack = new Stack(app, \`Assets-\${env.account}-\${env.region}\`, { env });
  for (const name of sources) new Asset(stack, name, { path: \`sources/\${name}\` });
}`;
  const imports = [`import { Asset } from 'aws-cdk-lib/aws-s3-assets';`];
  await writeApp(folder, 'many-assets', imports, { places, sources: all.map(({ name }) => name) }, code);
}

/** Lines that look like code and compress like it; no two files are alike. */
function textOf(path: string, size: number): string {
  let text = '';
  for (let line = 0; text.length < size; line += 1) {
    const value = createHash('md5').update(`${path}:${line}`).digest('hex').slice(0, 8);
    text += `  const order_${value} = await handler.queue(items, value_${line});\n`;
  }
  return text.slice(0, size);
}
