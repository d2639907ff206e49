import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onInterrupt } from './interruption.ts';
import { isAlive } from './process-identity.ts';

/**
 * Runs `work` while no other process does the same under this file: two starts of one instance follow each other, and
 * the second finds it running. The lock of a process that died is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  // A link appears with its content, so that nobody ever reads a lock that does not name its holder yet.
  const own = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    while (!(await taken(own, file))) {
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (holder && !isAlive(holder)) await rm(file, { force: true });
      else await wait(100);
    }
  } finally {
    await rm(own, { force: true });
  }
  const interrupted = onInterrupt(() => rm(file, { force: true }));
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
    interrupted.dispose();
  }
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
