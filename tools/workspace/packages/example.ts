import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOfCheckout } from '@nx-cdk/processes';
import { WORKSPACE_ROOT } from '../src/workspace-root.ts';

/** The file of a project that lists the folders of this repository which its package shows as an example. */
export const EXAMPLE_LIST = 'example.json';

interface Copy {
  /** Path of a file of this repository. */
  readonly from: string;
  /** Its path in the package. */
  readonly to: string;
}

/**
 * What the example in a package is made of: each file of the listed folders, tests included, in `example/` under the
 * same path with `.template` behind it. No tool takes such a file for code of the package.
 *
 * @param list path of a JSON file, an array of folders relative to the root of this repository
 */
export async function copiesOfExample(list: string): Promise<Copy[]> {
  const folders = JSON.parse(readFileSync(list, 'utf8')) as string[];
  const copies = folders.map(async (folder) => {
    const files = await filesOfCheckout(join(WORKSPACE_ROOT, folder));
    return files.map((file) => ({
      from: join(WORKSPACE_ROOT, folder, file),
      to: join('example', folder, `${file}.template`),
    }));
  });
  return (await Promise.all(copies)).flat();
}
