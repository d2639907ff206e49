import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx-cdk:build-handler`; described in schema.json. */
export interface BuildHandlerExecutorSchema extends CommonOptions {
  readonly language: 'go' | 'rust';
  readonly architectureFile: string;
  readonly image?: boolean;
}
