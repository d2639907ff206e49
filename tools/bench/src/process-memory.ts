import { setTimeout as wait } from 'node:timers/promises';
import { run } from '@nx-cdk/processes';

/** In bytes. */
export const MEGABYTE = 1024 * 1024;

/** Resident memory in bytes. */
export interface Memory {
  /** Of the largest process at its largest. */
  readonly process: number;
  /**
   * Of all processes together at the moment when they were largest; pages that they share are counted in each of them.
   */
  readonly tree: number;
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly resident: number;
}

/**
 * Watches the memory of a process and its descendants. It is sampled, four times a second: a shorter peak may be
 * missed. On Linux the kernel's own high-water mark could be read, but only for one process, and not on macOS.
 */
export function largestMemory(root: number): { stop(): Promise<Memory> } {
  let watching = true;
  const watch = (async () => {
    const largest = { process: 0, tree: 0 };
    while (watching) {
      const sizes = descendants(root, await allProcesses()).map(({ resident }) => resident);
      const together = sizes.reduce((sum, size) => sum + size, 0);
      largest.process = Math.max(largest.process, ...sizes);
      largest.tree = Math.max(largest.tree, together);
      await wait(250);
    }
    return largest;
  })();
  return {
    stop: () => {
      watching = false;
      return watch;
    },
  };
}

async function allProcesses(): Promise<ProcessLine[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, resident: kilobytes * 1024 };
    });
}

/** A process and all that it started, directly or not. */
export function descendants<T extends Pick<ProcessLine, 'pid' | 'parent'>>(root: number, processes: readonly T[]): T[] {
  const family = new Set([root]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.filter(({ pid }) => family.has(pid));
}
