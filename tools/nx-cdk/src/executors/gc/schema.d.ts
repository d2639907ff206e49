import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx gc`; described in schema.json. */
export interface GcExecutorSchema extends CommonOptions {
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly keep?: number;
  readonly olderThan?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}
