import type { CommonOptions } from 'nx-cdk/command';

/** Options of `nx rehearse`; described in schema.json. */
export interface RehearseExecutorSchema extends CommonOptions {
  readonly assembly?: string;
  readonly source?: string;
  readonly pipeline?: string;
  readonly until?: string;
  readonly approve?: boolean;
  readonly parallel?: number;
  readonly deploy?: boolean;
  readonly keep?: boolean;
}
