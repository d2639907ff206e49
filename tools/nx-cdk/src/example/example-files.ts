import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { filesOfCheckout } from '@nx-cdk/processes';

const PACKAGE = join(import.meta.dirname, '..', '..');

/** Where the package holds the files, with an ending of their own: nobody takes them for code of the package. */
const TEMPLATES = join(PACKAGE, 'example');
const ENDING = '.template';

/** Where the files are in the repository of the package, which has them as projects of its own. */
const REPOSITORY = join(PACKAGE, '..', '..');

/** A file of the example. */
export interface ExampleFile {
  /** Relative to the folder, with `/` between names. */
  readonly path: string;
  readonly content: string;
}

/** The files of a folder of the example. In our repository they are the sources themselves: there is no copy. */
export async function exampleFiles(folder: string): Promise<ExampleFile[]> {
  const [root, files] = existsSync(TEMPLATES)
    ? [TEMPLATES, await filesBelow(join(TEMPLATES, folder))]
    : [REPOSITORY, await filesOfCheckout(join(REPOSITORY, folder))];
  return Promise.all(
    files.sort().map(async (file) => ({
      path: (file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : file).split(sep).join('/'),
      content: await readFile(join(root, folder, file), 'utf8'),
    })),
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}
