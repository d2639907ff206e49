import { copyFile, link, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesOfCheckout, git } from '@libs/processes';

/**
 * Copies the workspace as it is on disk, uncommitted changes included, but without what git ignores: no cache, no
 * output. So an app can be dropped into it and measured with Nx's own start, while the workspace itself is not touched.
 *
 * `node_modules` is linked file by file if both are on one disk. Links inside it are kept as they are: those to the
 * workspace's own projects are relative, and lead to the copies.
 *
 * @throws Error if the workspace is no git checkout, or nothing is installed in it
 */
export async function copyWorkspace(source: string, destination: string): Promise<void> {
  for (const file of await filesOfCheckout(source)) {
    await mkdir(dirname(join(destination, file)), { recursive: true });
    await copyFile(join(source, file), join(destination, file));
  }
  await linkFolder(join(source, 'node_modules'), join(destination, 'node_modules'));
  // Nx asks git which files there are.
  await git(destination, ['init', '--quiet']);
}

async function linkFolder(source: string, destination: string): Promise<void> {
  await mkdir(destination, { recursive: true });
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries
      // Caches of tools, not packages.
      .filter(({ name }) => name !== '.cache')
      .map(async (entry) => {
        const from = join(source, entry.name);
        const to = join(destination, entry.name);
        if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
        else if (entry.isDirectory()) await linkFolder(from, to);
        else await link(from, to).catch(() => copyFile(from, to));
      }),
  );
}
