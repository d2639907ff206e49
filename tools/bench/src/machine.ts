import { availableParallelism, loadavg } from 'node:os';

/** What a measurement was taken on. If others use it too, seconds say less than ratios. */
export interface Machine {
  readonly cores: number;
  /** Processes that ran or waited for a core in the last minute, on average. */
  readonly load: number;
}

export function thisMachine(): Machine {
  return { cores: availableParallelism(), load: loadavg()[0]! };
}

export function describeMachine({ cores, load }: Machine): string {
  return `This machine has ${cores} cores, and had a load of ${load.toFixed(1)} at the end.`;
}
