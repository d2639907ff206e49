import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, withLock } from '@nx-cdk/processes';
import { CHECKOUT } from 'test-bed';

/** Kept between runs: a library is 200 MB. */
const CACHE = join(CHECKOUT, 'node_modules', '.cache', 'versions');

/**
 * Installs packages from the registry of this machine, once for each set of versions.
 *
 * @returns the folder whose `node_modules` holds them
 */
export async function installed(packages: Readonly<Record<string, string>>): Promise<string> {
  const name = Object.entries(packages)
    .map(([of, version]) => `${of.replace(/^@.*\//, '')}-${version}`)
    .join('_');
  const folder = join(CACHE, name);
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    const staging = `${folder}.new`;
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true });
    await writeFile(join(staging, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
    const { failure, lastLines } = await run('npm', args, { cwd: staging });
    if (failure !== undefined) throw new Error(`${name} cannot be installed (${failure}):\n${lastLines.join('\n')}`);
    await rename(staging, folder);
    return folder;
  });
}
