import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx validate`; described in schema.json. */
export interface ValidateExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly rules?: readonly string[] | string;
  readonly failOnWarnings?: boolean;
}
