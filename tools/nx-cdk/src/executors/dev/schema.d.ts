import type { CommonOptions, ParameterOptions, StackOptions } from '../../command/index.ts';

/** Which environment, and which roles. */
type Admitted = Pick<StackOptions, 'admitRoles' | 'environment' | 'environmentsFile'>;

/** Options of `nx dev`; described in schema.json. */
export interface DevExecutorSchema extends CommonOptions, Admitted, ParameterOptions {
  readonly logs?: boolean;
  readonly allow?: readonly string[] | string;
}
