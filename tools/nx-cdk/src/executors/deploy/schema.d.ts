import type { CommonOptions } from '../../command/run-command.ts';

/** Options of `nx deploy`; described in schema.json. */
export interface DeployExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly targets?: readonly string[] | string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly parameters?: readonly string[] | string;
  readonly plan?: string;
  readonly release?: string;
  readonly signingKey?: string;
  readonly outputsFile?: string;
  readonly concurrency?: number;
  readonly concurrencyPerEnvironment?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly rollback?: boolean;
}
