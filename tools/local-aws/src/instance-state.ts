import { readFile } from 'node:fs/promises';
import { instanceFiles } from './locations.ts';
import { isServerOf } from './process-identity.ts';

/** What a running instance says of itself. */
export interface InstanceState {
  readonly pid: number;
  readonly port: number;
  /** Of the proxy that leads to the registries (shim/local_aws/registry_proxy.py). */
  readonly registryProxyPort: number;
  /** The account that OrganizationAccountAccessRole trusts in every other account: the CI account. */
  readonly managementAccount: string;
  /** MiniStack's. */
  readonly version: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The instance that runs in this directory, if one does; a file left by a server that crashed counts for nothing. */
export async function runningInstance(directory: string): Promise<InstanceState | undefined> {
  let state: InstanceState;
  try {
    state = JSON.parse(await readFile(instanceFiles(directory).state, 'utf8')) as InstanceState;
  } catch {
    return undefined;
  }
  return (await isServerOf(directory, state.pid)) ? state : undefined;
}

/** Where an instance answers. */
export function endpointOf(state: Pick<InstanceState, 'port'>): string {
  return `https://127.0.0.1:${state.port}`;
}

/** Where its registries are reached under their real names, by CONNECT. */
export function registryProxyOf(state: Pick<InstanceState, 'registryProxyPort'>): string {
  return `http://127.0.0.1:${state.registryProxyPort}`;
}
