import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onInterrupt } from './interruption.ts';
import { isAlive } from './process-identity.ts';

/**
 * Runs `work` while no other process does the same under this file: two starts of one instance follow each other, and the second finds
 * it running. The lock of a process that died is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      // Empty for the instant between its creation and the write of the pid: then it is just not ours yet.
      if (holder && !isAlive(holder)) await rm(file, { force: true });
      else await wait(100);
    }
  }
  const interrupted = onInterrupt(() => rm(file, { force: true }));
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
    interrupted.dispose();
  }
}
