import { constants } from 'node:fs';
import { cp, link, mkdir, rm, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { filesOfCheckout } from '@nx-cdk/processes';
import { runProcess, succeeded } from './process.ts';

/** The checkout that this suite is part of; never written to. */
export const CHECKOUT = resolve(import.meta.dirname, '..', '..', '..');

/**
 * Copies what git would commit of a checkout, uncommitted changes included, and links its node_modules. What git
 * ignores stays behind: caches and output.
 *
 * @param backwards if given, files come one after the other, the last one first, and each was changed last at this time
 */
export async function copyWorkspace(source: string, target: string, backwards?: Date): Promise<void> {
  await Promise.all([copySources(source, target, backwards), linkNodeModules(source, target)]);
}

async function copySources(source: string, target: string, backwards?: Date): Promise<void> {
  const files = await filesOfCheckout(source);
  await Promise.all(
    [...new Set(files.map((file) => dirname(join(target, file))))].map((folder) => mkdir(folder, { recursive: true })),
  );
  if (backwards === undefined) {
    await Promise.all(files.map((file) => cp(join(source, file), join(target, file))));
    return;
  }
  for (const file of files.toReversed()) {
    await cp(join(source, file), join(target, file));
    await utimes(join(target, file), backwards, backwards);
  }
}

/**
 * Hard links, as nothing writes into node_modules; if there are none, copies, which share their blocks on the file
 * systems that can. The links npm makes to the projects of the workspace are relative ones, and so lead to the copy's
 * own projects.
 */
async function linkNodeModules(source: string, target: string): Promise<void> {
  const modules = join(source, 'node_modules');
  const copy = join(target, 'node_modules');
  await mkdir(target, { recursive: true });
  if (process.platform !== 'linux') {
    return cp(modules, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  }
  // A program of its own: Node takes several times as long for tens of thousands of files.
  await runCp((await canLink(modules, target)) ? ['-al'] : ['-a', '--reflink=auto'], modules, copy);
}

/**
 * Whether what is in `modules` can have a second name in a folder; not on another file system, nor behind another mount
 * of the same one.
 */
async function canLink(modules: string, folder: string): Promise<boolean> {
  const probe = join(folder, '.second-name');
  try {
    await link(join(modules, '..', 'package.json'), probe);
    await rm(probe);
    return true;
  } catch {
    return false;
  }
}

/** Copies a folder by the program of that name. */
export async function runCp(options: readonly string[], source: string, copy: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '' };
  succeeded(await runProcess('cp', [...options, source, copy], { cwd: CHECKOUT, env }));
}
