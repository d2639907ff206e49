import type { Machine } from '../machine.ts';
import type { Memory } from '../process-memory.ts';
import type { Reads } from './reads.ts';

/** One publication. */
export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** Of the process that was largest. */
  readonly memory: Memory;
  /** Requests by service and action, such as `s3 HeadObject`. */
  readonly actions: Readonly<Record<string, number>>;
}

/** One contender in one run. */
export interface Measurement {
  readonly contender: string;
  /** What it keeps between runs. */
  readonly cache: string;
  /** To empty buckets. */
  readonly cold: Measured;
  /** Once more. */
  readonly unchanged: Measured;
}

/** All that was measured. */
export interface Measurements {
  readonly assets: number;
  /** Files that the assets are made of. */
  readonly files: number;
  readonly targets: number;
  readonly delay: number;
  /** In the order they were taken in. */
  readonly runs: readonly (readonly Measurement[])[];
  readonly machine: Machine;
  /** How often the files were opened in one more cold publication; undefined if that cannot be counted. */
  readonly reads: readonly (Reads & { readonly contender: string })[] | undefined;
}

/** The measurements of each contender, this workspace first. */
export function byContender(runs: Measurements['runs']): Map<string, Measurement[]> {
  const grouped = new Map<string, Measurement[]>();
  for (const measurement of runs.flat())
    grouped.set(measurement.contender, [...(grouped.get(measurement.contender) ?? []), measurement]);
  return new Map([...grouped].sort(([one], [other]) => Number(isOurs(other)) - Number(isOurs(one))));
}

/** Whether a contender is this workspace. */
export function isOurs(contender: string): boolean {
  return contender.startsWith('nx ');
}
