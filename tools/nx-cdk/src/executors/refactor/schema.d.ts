import type { CommonOptions, ReleaseOptions, SigningOptions } from '../../command/index.ts';

/** Options of `nx refactor`; described in schema.json. */
export interface RefactorExecutorSchema extends CommonOptions, ReleaseOptions, SigningOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly instance?: string;
  readonly stacks?: readonly string[] | string;
  readonly formerStacks?: readonly string[] | string;
  readonly overrideFile?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly admitRoles?: readonly string[] | string;
}
