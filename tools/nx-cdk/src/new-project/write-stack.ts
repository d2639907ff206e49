import { join } from 'node:path';
import { generateFiles, type Tree } from '@nx/devkit';
import type { Names } from './names.ts';

/** Where a stack and its test go, and how the test is written. */
export interface StackPlace {
  /** Folder of the stack, relative to the workspace root. */
  readonly folder: string;
  /** Folder of the test. @default - that of the stack */
  readonly testFolder?: string;
  /** How a file with tests ends, before `.ts`. @default 'spec' */
  readonly testKind?: 'spec' | 'test';
  /** How the test imports the stack, from `order-report-stack`. */
  readonly importOf: (file: string) => string;
  /** Whether the test takes the feature flags of `../cdk.json`. */
  readonly flags: boolean;
}

/** Writes a small stack with a queue, and its test. */
export function writeStack(tree: Tree, names: Names, place: StackPlace): void {
  const { folder, testFolder = folder, testKind = 'spec', importOf, flags } = place;
  const variables = { ...names, kind: testKind, flags, stackFile: importOf(`${names.name}-stack`) };
  const files = join(import.meta.dirname, 'files');
  generateFiles(tree, join(files, 'stack'), folder, variables);
  generateFiles(tree, join(files, 'stack-spec'), testFolder, variables);
}
