import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx plan`; described in schema.json. */
export interface PlanExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly targets?: readonly string[] | string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly parameters?: readonly string[] | string;
  readonly output?: string;
  readonly markdown?: string;
  readonly concurrency?: number;
}
