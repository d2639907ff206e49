import type { CommonOptions, TargetLimit } from '../../command/index.ts';

/** Options of `nx reap`; described in schema.json. */
export interface ReapExecutorSchema extends CommonOptions, TargetLimit {
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}
