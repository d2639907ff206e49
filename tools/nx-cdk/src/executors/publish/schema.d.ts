import type { CommonOptions, PageOptions, ReleaseOptions, SigningOptions, StackOptions } from '../../command/index.ts';

/** Options of `nx publish`; described in schema.json. */
export interface PublishExecutorSchema
  extends CommonOptions, PageOptions, StackOptions, ReleaseOptions, SigningOptions {
  readonly instance?: string;
  readonly targets?: readonly string[] | string;
  readonly buildConcurrency?: number;
  readonly zipConcurrency?: number;
  readonly uploadConcurrency?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly allow?: readonly string[] | string;
  /** Not used: for a command that deploys too. */
  readonly yes?: boolean;
}
