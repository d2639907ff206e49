import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** A lock that is older was left behind by a process that was killed: what is done under it takes milliseconds. */
const STALE = 30_000;

/** How long to wait for others, and between two looks, in milliseconds. */
const PATIENCE = 60_000;
const LOOK_AGAIN = 50;

/**
 * Does something that no other process does at the same time under the same file.
 *
 * @param file is there while something is done
 * @throws whatever `work` does; an error of the file system where the lock cannot be made
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE;
  while (!(await taken(file))) {
    if (Date.now() > until) throw new Error(`${file} is held by another process`);
    await wait(LOOK_AGAIN);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE) await rm(file, { force: true });
    return false;
  }
}
