import type { CommonOptions } from '../../command/run-command.ts';

/** Options of `nx rehearse`; described in schema.json. */
export interface RehearseExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly source?: string;
  readonly pipeline?: string;
  readonly until?: string;
  readonly approve?: boolean;
  readonly parallel?: number;
  readonly deploy?: boolean;
  readonly keep?: boolean;
}
