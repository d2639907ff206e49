import type { CommonOptions } from '../../command/index.ts';

/** Options of `nx-cdk:vet-handler`; described in schema.json. */
export interface VetHandlerExecutorSchema extends CommonOptions {
  readonly language: 'go' | 'rust';
}
