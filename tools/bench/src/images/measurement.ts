import type { Machine } from '../machine.ts';
import { spreadOf } from '../statistics.ts';
import type { LocalAwsCost } from './local-aws-cost.ts';

/** One run of a program. */
export interface Measured extends LocalAwsCost {
  readonly seconds: number;
  /** Images built meanwhile. */
  readonly builds: number;
}

/** A way of ours to publish, measured in its parts. */
export interface Publication {
  readonly contender: string;
  /** Seconds of one destination alone, the image built before, for each destination. */
  readonly singles: readonly number[];
  /** All destinations, the image not built before. */
  readonly all: Measured;
  /** Once more. */
  readonly unchanged: Measured;
}

/** A way to bring the stacks to AWS, image included. */
export interface Deployment {
  readonly contender: string;
  readonly cold: Measured;
  readonly unchanged: Measured;
}

/** One run of everything. */
export interface Run {
  /** Seconds of the container tool's own build, alone. */
  readonly build: number;
  readonly publications: readonly Publication[];
  readonly deployments: readonly Deployment[];
}

/** All that was measured. */
export interface Measurements {
  readonly targets: number;
  readonly delay: number;
  readonly sizes: readonly { readonly megabytes: number; readonly runs: readonly Run[] }[];
  readonly machine: Machine;
}

/**
 * How many times as long all took as the build and one single push, one after the other.
 *
 * @param single which one; the slowest of many is one that a busy machine held up
 */
export function ratioOf({ build }: Run, { singles, all }: Publication, single: 'slowest' | 'median'): number {
  return all.seconds / (build + (single === 'slowest' ? Math.max(...singles) : spreadOf(singles).median));
}

/** Whether a contender is this workspace. */
export function isOurs(contender: string): boolean {
  return contender.startsWith('nx ');
}
