import { cp, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Of the checkout. */
const SOURCE = resolve(import.meta.dirname, '..', '..', '..', 'node_modules');

/**
 * Gives a folder a node_modules of links: packages lead to the checkout's, projects of the workspace to the folder's
 * own. What takes a minute to unpack is then a few hundred links, in an archive too.
 */
export async function linkModules(root: string, source: string = SOURCE): Promise<void> {
  await linkFolder(source, join(root, 'node_modules'));
}

async function linkFolder(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.name === '.bin') await cp(from, to, { recursive: true, verbatimSymlinks: true });
    else if (entry.name.startsWith('@')) await linkFolder(from, to);
    // npm's links to projects are relative ones.
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (!entry.name.startsWith('.')) await symlink(from, to);
  }
}

/**
 * A folder for PATH with an `npm` that links instead of installing, runs scripts as the one behind it does, and refuses
 * everything else that a job must not do.
 */
export async function linkingNpm(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const program = `#!${process.execPath}
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { linkModules } from ${JSON.stringify(import.meta.filename)};
const [command, ...options] = process.argv.slice(2);
const asked = [command, ...options.filter((option) => option.startsWith('--ignore-scripts'))].join(' ');
if (command === 'run') {
  const PATH = process.env.PATH.split(delimiter).filter((folder) => folder !== import.meta.dirname).join(delimiter);
  process.exit(spawnSync('npm', process.argv.slice(2), { stdio: 'inherit', env: { ...process.env, PATH } }).status ?? 1);
} else if (asked === 'ci --ignore-scripts') await linkModules(process.cwd(), ${JSON.stringify(SOURCE)});
else if (asked !== 'prune --ignore-scripts') throw new Error('npm ' + asked + ' is nothing that a job should do');
`;
  await writeFile(join(folder, 'npm.mjs'), program);
  await writeFile(
    join(folder, 'npm'),
    `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(folder, 'npm.mjs'))} "$@"\n`,
    { mode: 0o755 },
  );
  return folder;
}
