import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx bootstrap`; described in schema.json. */
export interface BootstrapExecutorSchema extends CommonOptions {
  readonly environment?: string;
  readonly environmentsFile?: string;
  readonly assembly?: string;
  readonly trust?: readonly (string | number)[] | string | number;
  readonly keepTrust?: boolean;
  readonly executionPolicies?: readonly string[] | string;
  readonly qualifier?: string;
  readonly adminRole?: string;
  readonly toolkitStackName?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly concurrency?: number;
}
