import type { CommonOptions } from '../../command/run-command.ts';

/** Options of `nx destroy`; described in schema.json. */
export interface DestroyExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
  readonly concurrencyPerEnvironment?: number;
}
