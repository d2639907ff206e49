import type { CommonOptions, TargetLimit } from '../../command/index.ts';

/** Options of `nx destroy`; described in schema.json. */
export interface DestroyExecutorSchema extends CommonOptions, TargetLimit {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}
