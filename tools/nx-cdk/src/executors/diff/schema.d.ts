import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx diff`; described in schema.json. */
export interface DiffExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly stacks?: readonly string[] | string;
  readonly exclusively?: boolean;
  readonly method?: 'template' | 'change-set';
  readonly contextLines?: number;
  readonly masked?: boolean;
  readonly failOnChange?: boolean;
  readonly concurrency?: number;
}
