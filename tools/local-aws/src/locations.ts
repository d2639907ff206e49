import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LocalAwsError } from './local-aws-error.ts';

/** The folder of this project. */
export const projectRoot = resolve(import.meta.dirname, '..');

/** The workspace this project is part of: the nearest folder above that holds an nx.json. */
export function workspaceRoot(from: string = projectRoot): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (dirname(folder) === folder) return resolve(projectRoot, '../..');
  }
}

/**
 * Where everything the local AWS installs and writes is kept, unless an instance names a directory of its own.
 * Git-ignored.
 */
export function stateRoot(): string {
  return join(workspaceRoot(), '.local-aws');
}

export const defaultInstance = 'default';

/** Where one instance lives: its process, log, certificate and temporary files. */
export interface InstanceLocation {
  /** Absolute. */
  readonly directory: string;
  /** Set for an instance under `.local-aws`, absent for one in a directory of its own. */
  readonly name?: string;
}

/**
 * The place of an instance: `--directory` where given, else a folder under `.local-aws`.
 *
 * @throws LocalAwsError `BadOption` for a name that could not be a folder of its own
 */
export function locateInstance(options: { name?: string; directory?: string }): InstanceLocation {
  if (options.directory !== undefined) return { directory: resolve(options.directory) };
  const name = options.name ?? defaultInstance;
  // `python-...` is where the shared Python environments are.
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name) || name.startsWith('python-'))
    throw new LocalAwsError(
      'BadOption',
      `"${name}" is no name for an instance: use lower-case letters, digits and hyphens, and do not start with "python-".`,
    );
  return { directory: join(stateRoot(), name), name };
}

/** The files of an instance, by what they are for. */
export function instanceFiles(directory: string) {
  return {
    /** Written by the server once it listens, removed when it ends. */
    state: join(directory, 'instance.json'),
    log: join(directory, 'log.txt'),
    /** Held while somebody starts or stops the instance. */
    lock: join(directory, 'busy.lock'),
    temporary: join(directory, 'tmp'),
    /** What clients trust. */
    authority: join(directory, 'tls', 'ca.pem'),
    /**
     * The authority and everything that the machine trusted before, for variables that replace a program's own list.
     */
    bundle: join(directory, 'tls', 'bundle.pem'),
    /** The authority and what NODE_EXTRA_CA_CERTS named before. */
    extraAuthorities: join(directory, 'tls', 'extra.pem'),
  };
}
