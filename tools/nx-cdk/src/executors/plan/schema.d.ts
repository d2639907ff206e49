import type {
  CommonOptions,
  PageOptions,
  ParameterOptions,
  SigningOptions,
  StackOptions,
} from '../../command/index.ts';

/** Options of `nx plan`; described in schema.json. */
export interface PlanExecutorSchema extends CommonOptions, PageOptions, StackOptions, ParameterOptions, SigningOptions {
  readonly instance?: string;
  readonly release?: string;
  readonly targets?: readonly string[] | string;
  readonly express?: boolean;
  readonly prune?: boolean;
  readonly drift?: boolean;
  readonly revertDrift?: boolean;
  readonly output?: string;
  readonly markdown?: string;
  readonly concurrency?: number;
}
