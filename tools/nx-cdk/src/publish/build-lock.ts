import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../failure/index.ts';

/** How often a process looks whether another one is done, in milliseconds. */
const PERIOD = 200;

/**
 * Runs `work` while no other process of this machine does the same under this name. `nx run-many -t publish-staging
 * publish-prod` is two processes: each would build the image for its own environment, and two builds are two images.
 * The lock of a process that died is taken over.
 *
 * @throws Failure `Interrupted` where the signal comes while it waits
 */
export async function withBuildLock<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const file = lockFile(name);
  // A link appears with its content, so that nobody ever reads a lock that does not name its holder yet.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    while (!(await taken(own, file))) {
      if (signal?.aborted) throw new Failure('Interrupted', 'Interrupted: publish again to go on.');
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (holder && !isAlive(holder)) await rm(file, { force: true });
      else await wait(PERIOD);
    }
  } finally {
    await rm(own, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Where the process that builds an image of this name writes its id. */
export function lockFile(name: string): string {
  return join(tmpdir(), `nx-cdk-${name}.lock`);
}

async function taken(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
