import { join } from 'node:path';

/** Absolute path of the workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '..', '..', '..');
