import { readFile } from 'node:fs/promises';
import { isAlive, run } from '@nx-cdk/processes';
import { instanceFiles } from './locations.ts';

/** An instance that runs. */
export interface RunningInstance {
  /** Where it keeps its files; absolute. */
  readonly directory: string;
  readonly pid: number;
  readonly port: number;
  /** ISO 8601. */
  readonly since: string;
  /** `https://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /**
   * `http://127.0.0.1:<port>`: a proxy (CONNECT) to the registries `<account>.dkr.ecr.<region>.amazonaws.com`, and to
   * nothing else. For container tools as HTTPS_PROXY, with SSL_CERT_FILE naming {@link RunningInstance.caFile}.
   */
  readonly registryProxy: string;
  /** Whether resource types that it does not know are refused. */
  readonly strict: boolean;
  /** The authority that signed its certificate, PEM; absolute. */
  readonly caFile: string;
  /** Signs for the root user of every account, and opens the control calls. */
  readonly secret: string;
}

/** What the server writes (shim/local_aws/server.py). */
interface State extends Pick<RunningInstance, 'pid' | 'port' | 'since' | 'strict'> {
  readonly registryProxyPort: number;
}

/** The instance that runs in this directory, if there is one: a file left by a server that crashed does not count. */
export async function runningInstance(directory: string): Promise<RunningInstance | undefined> {
  const files = instanceFiles(directory);
  let state: State;
  let secret: string;
  try {
    state = JSON.parse(await readFile(files.state, 'utf8')) as State;
    secret = await readFile(files.secret, 'utf8');
  } catch {
    return undefined;
  }
  const { pid, port, since, strict, registryProxyPort } = state;
  if (!(await isServerOf(directory, pid))) return undefined;
  return {
    directory,
    pid,
    port,
    since,
    strict,
    endpoint: `https://127.0.0.1:${port}`,
    registryProxy: `http://127.0.0.1:${registryProxyPort}`,
    caFile: files.authority,
    secret,
  };
}

/**
 * Whether the process is the server of the instance in this directory. Process ids are reused, so a pid from a file
 * proves nothing: the process must have been started as `local_aws --directory <directory>`.
 */
export async function isServerOf(directory: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  const commandLine = await commandLineOf(pid);
  return commandLine.includes(` local_aws --directory ${directory} --port `);
}

/** Empty for a process that has ended. A slim container of Linux has no `ps`, other systems have no /proc. */
async function commandLineOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}

/** Kills a process that leads a process group, and everything that it started. */
export function killGroup(pid: number | undefined): void {
  if (!pid) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
