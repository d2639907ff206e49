import type { CommonOptions } from '../../command/index.ts';
import type { SynthSettings } from '../../synth/index.ts';

/** Options of `nx synth`; described in schema.json. */
export interface SynthExecutorSchema extends CommonOptions, SynthSettings {
  readonly admitRoles?: readonly string[] | string;
}
