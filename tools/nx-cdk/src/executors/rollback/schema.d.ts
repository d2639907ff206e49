import type { CommonOptions, ReleaseOptions, SigningOptions } from '../../command/index.ts';

/** Options of `nx rollback`; described in schema.json. */
export interface RollbackExecutorSchema extends CommonOptions, ReleaseOptions, SigningOptions {
  readonly instance?: string;
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly orphan?: readonly string[] | string;
  readonly force?: boolean;
  readonly concurrency?: number;
  readonly admitRoles?: readonly string[] | string;
}
