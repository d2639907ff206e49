import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx sandboxes`; described in schema.json. */
export interface SandboxesExecutorSchema extends CommonOptions {
  readonly environmentsFile?: string;
  readonly environment?: string;
}
