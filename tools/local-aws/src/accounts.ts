import { join } from 'node:path';
import { ENVIRONMENTS_FILE, readEnvironments } from '@libs/environments';
import { workspaceRoot } from './locations.ts';

/** The accounts that environments.json names, and the region of the CI account. */
export interface WorkspaceAccounts {
  readonly management: string;
  readonly region: string;
  /** Every account, the management account first. */
  readonly all: readonly string[];
}

/**
 * Read from environments.json of the workspace.
 *
 * @throws EnvironmentsError where the file is missing or wrong, naming the field
 */
export function workspaceAccounts(file: string = join(workspaceRoot(), ENVIRONMENTS_FILE)): WorkspaceAccounts {
  const { ci, environments } = readEnvironments(file);
  const workloads = environments.flatMap(({ targets }) => targets.map(({ account }) => account));
  return { management: ci.account, region: ci.region, all: [...new Set([ci.account, ...workloads])] };
}
