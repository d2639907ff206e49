import type { BenchOptions } from './options.ts';
import type { Stage } from './stage.ts';

/** One comparison with the stock tools: what it measures, and how people read it. */
export interface Comparison {
  /** @param options those of this comparison */
  measure(stage: Stage, options: BenchOptions, say: (line: string) => void): Promise<unknown>;
  /** @param measurements what `measure` returned */
  report(measurements: unknown): string;
}
