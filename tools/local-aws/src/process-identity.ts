import { readFile } from 'node:fs/promises';
import { isAlive, run } from '@libs/processes';

/**
 * Whether the process is the server of the instance in this directory. Process ids are reused, so a pid from a file
 * proves nothing: the process must have been started as `local_aws --directory <directory>`.
 */
export async function isServerOf(directory: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  const commandLine = await commandLineOf(pid);
  return commandLine.includes(` local_aws --directory ${directory} --port `);
}

/**
 * Empty for a process that ended meanwhile. Linux has it in /proc (a slim container has no `ps`), other systems in
 * `ps`.
 */
async function commandLineOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}

/** Ends a process that leads a process group, and everything that it started. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!pid) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
