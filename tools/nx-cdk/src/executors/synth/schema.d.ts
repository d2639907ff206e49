import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx synth`; described in schema.json. */
export interface SynthExecutorSchema extends CommonOptions {
  readonly output?: string;
  readonly context?: readonly string[] | string | Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  readonly lookups?: boolean;
  readonly admitRoles?: readonly string[] | string;
  readonly defaultEnvironment?: boolean;
  readonly passEnvironment?: readonly string[];
  readonly coveredPrograms?: readonly string[];
}
