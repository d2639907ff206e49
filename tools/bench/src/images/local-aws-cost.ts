import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalAws } from 'local-aws';

/** What the local AWS had to do meanwhile. */
export interface LocalAwsCost {
  readonly requests: number;
  /** Manifests that were put under a tag. */
  readonly pushes: number;
  /** Seconds that its process kept a core busy; undefined if that cannot be read (it is read from /proc). */
  readonly busy?: number;
}

/** Begins to count; the function that it returns says what came since. */
export async function countLocalAws(aws: LocalAws, folder: string): Promise<() => Promise<LocalAwsCost>> {
  const log = aws.requestLog!;
  const before = await stat(log).then(
    ({ size }) => size,
    () => 0,
  );
  const pid = (JSON.parse(await readFile(join(folder, 'instance.json'), 'utf8')) as { pid: number }).pid;
  const busyBefore = await busySeconds(pid);
  return async () => {
    const busy = await busySeconds(pid);
    const lines = (await readFile(log)).subarray(before).toString().split('\n').filter(Boolean);
    const actions = lines.map((line) => (JSON.parse(line) as { action: string }).action);
    return {
      requests: actions.length,
      pushes: actions.filter((action) => action === 'PutImage').length,
      ...(busy === undefined || busyBefore === undefined ? {} : { busy: busy - busyBefore }),
    };
  };
}

/** User and system time of a process; https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function busySeconds(pid: number): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Ticks, of which every Linux has 100 a second.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
