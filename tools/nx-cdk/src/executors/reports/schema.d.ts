import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx reports`; described in schema.json. */
export interface ReportsExecutorSchema extends CommonOptions {
  readonly open?: boolean;
  readonly run?: string;
  readonly limit?: number;
  readonly keep?: number;
  readonly architecture?: boolean;
  readonly assembly?: string;
  readonly environmentsFile?: string;
}
