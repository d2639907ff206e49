import { join } from 'node:path';
import { ENVIRONMENTS_FILE, readEnvironments, type ReleaseSigning } from '@libs/environments';
import { workspaceRoot } from './locations.ts';

/** The accounts that environments.json names, the region of the CI account, and the key that signs releases. */
export interface WorkspaceAccounts {
  readonly management: string;
  readonly region: string;
  /** Every account, the management account first. */
  readonly all: readonly string[];
  /** By what releases are signed. @default - they are not signed */
  readonly signing?: ReleaseSigning;
}

/**
 * Read from environments.json of the workspace.
 *
 * @throws EnvironmentsError where the file is missing or wrong, naming the field
 */
export function workspaceAccounts(file: string = join(workspaceRoot(), ENVIRONMENTS_FILE)): WorkspaceAccounts {
  const { ci, environments, signing } = readEnvironments(file);
  const workloads = environments.flatMap(({ targets }) => targets.map(({ account }) => account));
  const all = [...new Set([ci.account, ...workloads])];
  return { management: ci.account, region: ci.region, all, ...(signing && { signing }) };
}
