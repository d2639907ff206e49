import type { CommonOptions, SigningOptions } from '../../command/index.ts';

/** Options of `nx cdk`; described in schema.json. */
export interface CdkExecutorSchema extends CommonOptions, SigningOptions {
  readonly assembly?: string;
  readonly environmentsFile?: string;
  readonly allow?: readonly string[] | string;
  readonly allowUnreleased?: boolean;
  readonly admitRoles?: readonly string[] | string;
  readonly __unparsed__?: readonly string[];
}
