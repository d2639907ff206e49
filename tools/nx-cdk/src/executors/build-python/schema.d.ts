import type { CommonOptions } from '../../command/index.ts';
import type { ArchitectureName } from '../../handlers/index.ts';

/** Options of `nx-cdk:build-python`; described in schema.json. */
export interface BuildPythonExecutorSchema extends CommonOptions {
  readonly runtime: string;
  readonly architecture: ArchitectureName;
}
