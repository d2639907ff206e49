import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './locations.ts';

/** The accounts that environments.json names, and the region of the CI account. */
export interface WorkspaceAccounts {
  readonly management: string;
  readonly region: string;
  /** Every account, the management account first. */
  readonly all: readonly string[];
}

/** Read from environments.json of the workspace. */
export function workspaceAccounts(file: string = join(workspaceRoot(), 'environments.json')): WorkspaceAccounts {
  const content = JSON.parse(readFileSync(file, 'utf8')) as {
    ci: { account: string; region: string };
    environments: { targets: { account: string }[] }[];
  };
  const workloads = content.environments.flatMap(({ targets }) => targets.map(({ account }) => account));
  return {
    management: content.ci.account,
    region: content.ci.region,
    all: [...new Set([content.ci.account, ...workloads])],
  };
}
