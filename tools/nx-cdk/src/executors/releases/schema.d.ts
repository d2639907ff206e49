import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx releases`; described in schema.json. */
export interface ReleasesExecutorSchema extends CommonOptions {
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly limit?: number;
  readonly compare?: string;
}
