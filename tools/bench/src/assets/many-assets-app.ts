import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Place } from '../accounts.ts';

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
 * layer, a site), the others single files of 1 to 100 kB. Text, which compresses; the same for the same number in each
 * run.
 */
export function sources(count: number): Source[] {
  const random = randomNumbers(count);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least));
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(4, '0');
    if (index % 5 >= 3) {
      const name = `file-${number}.${index % 2 ? 'json' : 'js'}`;
      return { name, files: [{ path: name, content: textOf(between(1_000, 100_000), random) }] };
    }
    const name = `folder-${number}`;
    const files = between(3, 9);
    const size = between(10_000, 200_000) / files;
    return {
      name,
      files: Array.from({ length: files }, (_, file) => ({
        path: `${name}/${file % 3 === 2 ? 'lib/' : ''}part-${file}.js`,
        content: textOf(size, random),
      })),
    };
  });
}

/** Writes a CDK app with one stack a place, each of which needs every asset. Nothing is compiled. */
export async function writeManyAssetsApp(folder: string, count: number, places: readonly Place[]): Promise<void> {
  const all = sources(count);
  for (const { path, content } of all.flatMap(({ files }) => files)) {
    const file = join(folder, 'sources', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const write = (file: string, content: object) =>
    writeFile(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  await write('package.json', { name: 'many-assets', version: '0.0.0', private: true, type: 'module' });
  await write('cdk.json', { app: 'node app.js', versionReporting: false });
  await writeFile(
    join(folder, 'app.js'),
    `import { App, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';

const places = ${JSON.stringify(places)};
const sources = ${JSON.stringify(all.map(({ name }) => name))};
const app = new App({ analyticsReporting: false });
for (const env of places) {
  const stack = new Stack(app, \`Assets-\${env.account}-\${env.region}\`, { env });
  for (const name of sources) new Asset(stack, name, { path: \`sources/\${name}\` });
}
`,
  );
}

/** Lines that look like code: names from a small vocabulary, and numbers that nothing repeats. */
function textOf(size: number, random: () => number): string {
  const words = ['const', 'order', 'return', 'await', 'handler', 'queue', 'value', 'result', 'items', 'event'];
  const parts: string[] = [];
  for (let length = 0; length < size;) {
    const word = words[Math.floor(random() * words.length)]!;
    const part = `  ${word}_${Math.floor(random() * 1e9).toString(36)} = ${words[Math.floor(random() * words.length)]};\n`;
    parts.push(part);
    length += part.length;
  }
  return parts.join('').slice(0, Math.floor(size));
}

/** Numbers from 0 to 1 that follow from the seed (a linear congruential generator; these need not be unpredictable). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
