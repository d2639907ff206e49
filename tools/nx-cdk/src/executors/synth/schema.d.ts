import type { CommonOptions } from '../../command/index.ts';
import type { SynthSettings } from '../../synth/index.ts';

/** Options of `nx synth`; described in schema.json. */
export interface SynthExecutorSchema extends CommonOptions, SynthSettings {
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly instance?: string;
  readonly admitRoles?: readonly string[] | string;
}
