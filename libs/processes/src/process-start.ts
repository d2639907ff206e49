import { readFile } from 'node:fs/promises';
import { run } from './run.ts';

/** Whether a process with this id exists, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started. Process ids are reused: id and start together identify a process of this machine.
 *
 * @returns a text to compare, undefined if there is no such process. One that has ended counts as none even if its
 * parent has not asked for its exit code yet: the first process of a container often never asks.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  // Windows has neither; the id must be enough there.
  if (process.platform === 'win32') return 'unknown';
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state = '', ...start] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  }
  try {
    // Fields after the program's name, which may have spaces and parentheses: state, 18th the number of threads, 20th
    // the start in ticks since the machine was booted (man 5 proc).
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // After a kill, other threads than the first may still finish what they write.
    if (/^[ZX]$/.test(fields[0]!) && Number(fields[17]) <= 1) return undefined;
    return `${fields[19]} ${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()}`;
  } catch {
    return undefined;
  }
}
