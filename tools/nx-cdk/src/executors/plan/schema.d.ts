import type { CommonOptions, ParameterOptions, StackOptions } from '../../command/index.ts';

/** Options of `nx plan`; described in schema.json. */
export interface PlanExecutorSchema extends CommonOptions, StackOptions, ParameterOptions {
  readonly release?: string;
  readonly targets?: readonly string[] | string;
  readonly output?: string;
  readonly markdown?: string;
  readonly concurrency?: number;
}
