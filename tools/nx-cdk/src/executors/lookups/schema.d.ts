import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx lookups`; described in schema.json. */
export interface LookupsExecutorSchema extends CommonOptions {
  readonly refresh?: boolean;
  readonly key?: readonly string[] | string;
  readonly context?: readonly string[] | string | Readonly<Record<string, unknown>>;
  readonly admitRoles?: readonly string[] | string;
  readonly passEnvironment?: readonly string[];
}
