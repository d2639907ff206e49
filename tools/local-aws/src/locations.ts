import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LocalAwsError } from './local-aws-error.ts';

/** The folder of this package: the Python shim and its requirements are in it, whether built or not. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '..');

/**
 * The Nx workspace that somebody works in: the nearest folder with an `nx.json`, from the current one upwards. It is
 * not found from this package, which may be installed anywhere.
 *
 * @returns an absolute path
 * @throws LocalAwsError `NoWorkspace`
 */
export function workspaceRoot(from = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (dirname(folder) === folder)
      throw new LocalAwsError(
        'NoWorkspace',
        `There is no nx.json in ${from} or above it: go to an Nx workspace, or make this one with "npx nx init".`,
      );
  }
}

/** Where everything is kept that the local AWS installs and writes: in the workspace, wherever this package is. */
export function stateRoot(): string {
  return join(workspaceRoot(), '.local-aws');
}

/** Name of the instance that commands mean without `--instance`. */
export const DEFAULT_INSTANCE = 'default';

/**
 * Where an instance keeps its files: a folder under `.local-aws`, or another directory.
 *
 * @returns an absolute path
 * @throws LocalAwsError `BadOption` for a name that could not be a folder of its own
 */
export function locateInstance({ instance = DEFAULT_INSTANCE, directory }: { instance?: string; directory?: string }) {
  if (directory !== undefined) return resolve(directory);
  // `python-...` is where the shared Python environments are.
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(instance) || instance.startsWith('python-'))
    throw new LocalAwsError(
      'BadOption',
      `"${instance}" is no name for an instance: use lower-case letters, digits and hyphens, and do not start with "python-".`,
    );
  return join(stateRoot(), instance);
}

/** The files of an instance. */
export function instanceFiles(directory: string) {
  return {
    /** Written by the server once it listens, removed when it ends. */
    state: join(directory, 'instance.json'),
    /** Made by the server: who knows it owns every account, and may make control calls. */
    secret: join(directory, 'secret'),
    log: join(directory, 'log.txt'),
    /** Held by a command that starts or stops the instance. */
    lock: join(directory, 'busy.lock'),
    temporary: join(directory, 'tmp'),
    /** What `up` writes: reports of deployments. */
    reports: join(directory, 'reports'),
    /** What clients trust. */
    authority: join(directory, 'tls', 'ca.pem'),
    /** The authority and everything that the machine trusted before, for variables that replace a program's list. */
    bundle: join(directory, 'tls', 'bundle.pem'),
    /** The authority and what NODE_EXTRA_CA_CERTS named before. */
    extraAuthorities: join(directory, 'tls', 'extra.pem'),
  };
}
