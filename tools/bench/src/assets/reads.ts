import { sep } from 'node:path';
import { run } from '@nx-cdk/processes';
import type { Command } from '../command.ts';

/** How often a program opened the files of the assets. */
export interface Reads {
  /** How many files were opened at all. */
  readonly files: number;
  /** All openings. */
  readonly opened: number;
  /** Openings of the file that was opened most often. */
  readonly most: number;
}

/** Whether `strace` is here and may look. */
export async function canTrace(): Promise<boolean> {
  const options = ['-f', '--seccomp-bpf', '-e', 'trace=openat', '-o', '/dev/null', 'true'];
  return (await run('strace', options)).failure === undefined;
}

/**
 * The same program under `strace`, which writes down each file it opens. It is slower then: not for taking its time.
 */
export function traced(command: Command, log: string): Command {
  const options = ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=open,openat', '-e', 'signal=none', '-A', '-o', log];
  return { ...command, program: 'strace', args: [...options, command.program, ...command.args] };
}

/** Counts the files that were opened, in what `strace` wrote. A folder, which is opened to list it, does not count. */
export function countReads(log: string, isSource: (path: string) => boolean): Reads {
  const opened = new Map<string, number>();
  for (const line of log.split('\n')) {
    const [, path, flags] = /\bopen(?:at)?\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]+)/.exec(line) ?? [];
    if (path === undefined || flags!.includes('O_DIRECTORY') || !isSource(path)) continue;
    opened.set(path, (opened.get(path) ?? 0) + 1);
  }
  const counts = [...opened.values()];
  return { files: counts.length, opened: counts.reduce((sum, count) => sum + count, 0), most: Math.max(0, ...counts) };
}

/** Whether a path is that of an asset as the assembly holds it: below `asset.<hash>`, or such a file itself. */
export function isAssetOf(assembly: string): (path: string) => boolean {
  return (path) => path.startsWith(`${assembly}${sep}asset.`);
}
