import type { Memory } from '../process-memory.ts';

/** One deployment. */
export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** Requests by service and action, such as `s3 HeadObject`. */
  readonly actions: Readonly<Record<string, number>>;
}

/** One contender in one run. */
export interface Measurement {
  readonly contender: string;
  /** What it could take from a cache. */
  readonly cache: string;
  readonly cold: Measured;
  readonly unchanged: Measured;
}

/** All that was measured. */
export interface Measurements {
  readonly stacks: number;
  readonly accounts: number;
  readonly delay: number;
  /** In the order they were taken in. */
  readonly runs: readonly (readonly Measurement[])[];
  /** Seconds of `nx run-many -t synth` with everything cached, and of `cdk synth` of the app. */
  readonly synth: { readonly cached: readonly number[]; readonly stock: readonly number[] };
  readonly memory?: { readonly stacks: number; readonly seconds: number; readonly peak: Memory };
}

/** The measurements of each contender, this workspace first, in the order of the first run otherwise. */
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
