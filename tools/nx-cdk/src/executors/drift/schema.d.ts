import type { CommonOptions, ReleaseOptions } from '../../command/index.ts';

/** Options of `nx drift`; described in schema.json. */
export interface DriftExecutorSchema extends CommonOptions, ReleaseOptions {
  readonly instance?: string;
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly failOnDrift?: boolean;
  readonly concurrency?: number;
  readonly concurrencyPerTarget?: number;
  readonly admitRoles?: readonly string[] | string;
}
