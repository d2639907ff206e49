import type { AdmissionOptions, CommonOptions, InstanceOptions, ParameterOptions } from '../../command/index.ts';

/** Options of `nx dev`; described in schema.json. */
export interface DevExecutorSchema extends CommonOptions, AdmissionOptions, InstanceOptions, ParameterOptions {
  readonly defaultInstance?: string;
  readonly logs?: boolean;
  readonly allow?: readonly string[] | string;
}
