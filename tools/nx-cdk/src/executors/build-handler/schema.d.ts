import type { CommonOptions } from '../../command/index.ts';
import type { ArchitectureName } from '../../handlers/index.ts';

/** Options of `nx-cdk:build-handler`; described in schema.json. */
export interface BuildHandlerExecutorSchema extends CommonOptions {
  readonly language: 'go' | 'rust';
  readonly architecture: ArchitectureName;
  readonly image?: boolean;
}
