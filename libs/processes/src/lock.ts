import { hash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, startOf } from './process-start.ts';

/** How often a process looks whether another one is done, in milliseconds. */
const PERIOD = 50;

/**
 * Works while no other process of this machine works under the same lock. If the holder is killed, the next one takes
 * over.
 *
 * A lock is a folder with files `1`, `2`, and so on. The highest number counts: its file names the process that holds
 * the lock, and is empty after the release. A process takes a free lock by creating the next number, which only one
 * can. The highest number is never deleted, so that no process deletes a lock that another one has just taken.
 *
 * @param folder belongs to this user; is created if it does not exist, and stays
 * @param signal ends the waiting, not the work
 * @throws the signal's reason, or what `work` throws
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = await take(folder, signal);
  try {
    return await work();
  } finally {
    await truncate(lock).catch((error: NodeJS.ErrnoException) => {
      // The work may have removed the folder.
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/**
 * Folder of a lock on something in a workspace: next to the caches of its tools, which git and Nx leave alone.
 *
 * @param folder in the workspace; without a `node_modules` of this user there or above, the lock is in a private folder
 * in the system's temporary one: what is in `folder` may be an assembly, to which nothing may be added
 * @param given its name; may come from an assembly, and leads to no other folder, however long it is
 * @throws Error if somebody else has taken the name of that private folder
 */
export function workspaceLock(folder: string, given: string, temporary = tmpdir()): string {
  const name = /^[\w-][\w.-]{0,100}$/.test(given) ? given : hash('sha256', given);
  for (let above = folder; ; above = dirname(above)) {
    const modules = join(above, 'node_modules');
    if (isOwn(statSync(modules, { throwIfNoEntry: false }))) return join(modules, '.cache', 'locks', name);
    if (dirname(above) === above)
      return join(privateFolder(temporary), `${name}-${hash('sha256', folder).slice(0, 16)}`);
  }
}

/** Files in a folder of somebody else could be exchanged for links, and what a lock does to them done to others. */
function isOwn(stats: Stats | undefined): boolean {
  return stats?.isDirectory() === true && (process.getuid === undefined || stats.uid === process.getuid());
}

/** One for each user, always the same: processes that wait for each other have to find it. */
function privateFolder(temporary: string): string {
  const folder = join(temporary, `nx-cdk-locks-${process.getuid?.() ?? userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  if (isOwn(stats) && (process.getuid === undefined || (stats.mode & 0o077) === 0)) return folder;
  throw new Error(`${folder} is not a private folder of this user: remove it, or set TMPDIR to a folder of your own`);
}

/** Waits for the lock; returns its file. */
async function take(folder: string, signal: AbortSignal | undefined): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A link appears with its content: a lock always names its holder.
  const own = join(folder, `${process.pid}-${randomUUID()}.new`);
  await writeFile(own, `${process.pid} ${await startOf(process.pid)}`, { mode: 0o600 });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const highest = await highestNumber(folder);
      if (highest > 0 && !(await isOver(join(folder, String(highest))))) {
        await wait(PERIOD);
        continue;
      }
      const next = join(folder, String(highest + 1));
      if (!(await linked(own, next))) continue;
      if ((await highestNumber(folder)) === highest + 1) {
        await tidy(folder, highest + 1);
        return next;
      }
      // Others took and released the lock since we looked, and the number was free only because it is an old one.
      await rm(next, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function highestNumber(folder: string): Promise<number> {
  return Math.max(0, ...(await readdir(folder)).map(Number).filter(Number.isInteger));
}

/** Whether a lock was released, or its holder has ended. */
async function isOver(file: string): Promise<boolean> {
  try {
    const [, pid, start] = /^(\d+) (.+)$/.exec(await readFile(file, 'utf8')) ?? [];
    return pid === undefined || (await startOf(Number(pid))) !== start;
  } catch (error) {
    // It is not the highest one any more.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what is over: lower numbers, and what processes left that were killed while they waited. */
async function tidy(folder: string, own: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const waiting = /^(\d+)-.*\.new$/.exec(name)?.[1];
    if (Number(name) < own || (waiting !== undefined && !isAlive(Number(waiting))))
      await rm(join(folder, name), { force: true });
  }
}
