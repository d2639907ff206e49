/** Options of `nx g nx-cdk:pipeline`; described in schema.json. */
export interface PipelineGeneratorSchema {
  /** `owner/name`; empty if somebody was asked and has not decided. */
  readonly repository?: string;
  readonly branch?: string;
  /** ARN; empty if somebody was asked and has not decided. */
  readonly connection?: string;
  readonly pipelineName?: string;
  readonly directory?: string;
  readonly rehearsal?: boolean;
}
