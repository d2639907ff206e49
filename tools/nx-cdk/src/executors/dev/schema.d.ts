import type {
  AdmissionOptions,
  CommonOptions,
  InstanceOptions,
  PageOptions,
  ParameterOptions,
} from '../../command/index.ts';

/** Options of `nx dev`; described in schema.json. */
export interface DevExecutorSchema
  extends CommonOptions, AdmissionOptions, InstanceOptions, PageOptions, ParameterOptions {
  readonly defaultInstance?: string;
  readonly logs?: boolean;
  readonly allow?: readonly string[] | string;
}
