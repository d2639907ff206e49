import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx released`; described in schema.json. */
export interface ReleasedExecutorSchema extends CommonOptions {
  readonly environmentsFile?: string;
}
