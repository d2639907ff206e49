import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx publish`; described in schema.json. */
export interface PublishExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly targets?: readonly string[] | string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly buildConcurrency?: number;
  readonly zipConcurrency?: number;
  readonly uploadConcurrency?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly signingKey?: string;
}
