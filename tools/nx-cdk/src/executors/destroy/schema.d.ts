import type { CommonOptions, ReleaseOptions, SigningOptions, StackOptions, TargetLimit } from '../../command/index.ts';

/** Options of `nx destroy`; described in schema.json. */
export interface DestroyExecutorSchema
  extends CommonOptions, StackOptions, ReleaseOptions, SigningOptions, TargetLimit {
  readonly instance?: string;
  readonly orphans?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly express?: boolean;
  readonly concurrency?: number;
}
