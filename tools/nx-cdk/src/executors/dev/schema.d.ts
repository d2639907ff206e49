import type { AdmissionOptions, CommonOptions, ParameterOptions } from '../../command/index.ts';

/** Options of `nx dev`; described in schema.json. */
export interface DevExecutorSchema extends CommonOptions, AdmissionOptions, ParameterOptions {
  readonly logs?: boolean;
  readonly allow?: readonly string[] | string;
}
