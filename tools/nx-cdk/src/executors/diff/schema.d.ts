import type { CommonOptions, ReleaseOptions, StackOptions } from '../../command/index.ts';

/** Options of `nx diff`; described in schema.json. */
export interface DiffExecutorSchema extends CommonOptions, StackOptions, ReleaseOptions {
  readonly instance?: string;
  readonly method?: 'template' | 'change-set';
  readonly contextLines?: number;
  readonly masked?: boolean;
  readonly failOnChange?: boolean;
  readonly concurrency?: number;
}
