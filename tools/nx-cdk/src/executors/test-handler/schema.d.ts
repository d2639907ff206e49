import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx-cdk:test-handler`; described in schema.json. */
export interface TestHandlerExecutorSchema extends CommonOptions {
  readonly language: 'go' | 'rust';
}
