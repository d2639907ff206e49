import type { CommonOptions, ReleaseOptions, SigningOptions } from '../../command/index.ts';

/** Options of `nx import-resources`; described in schema.json. */
export interface ImportExecutorSchema extends CommonOptions, ReleaseOptions, SigningOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly resourceMapping?: string;
  readonly recordResourceMapping?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly admitRoles?: readonly string[] | string;
}
