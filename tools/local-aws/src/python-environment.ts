import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAlive, run, withLock } from '@nx-cdk/processes';
import { LocalAwsError } from './local-aws-error.ts';
import { PROJECT_ROOT, stateRoot } from './locations.ts';
import { findPython, type Python } from './python.ts';

const REQUIREMENTS = join(PROJECT_ROOT, 'requirements.txt');

/** How to run Python with everything that requirements.txt lists. */
export interface PythonEnvironment {
  readonly executable: string;
  /** Added to PYTHONPATH if there is no virtual environment. */
  readonly packages?: string;
}

/**
 * The Python environment that all instances share, made on first use: `.local-aws/python-<hash of interpreter and
 * requirements>`.
 *
 * It is renamed when it is complete, so that an interrupted install leaves nothing that looks whole, and of two starts
 * at the same time one waits for the other. pip reads its own configuration (PIP_*, certificates) as always.
 *
 * @param requirements what is in it. @default what the local AWS needs
 * @throws LocalAwsError `NoPython`, `InstallFailed` (with pip's last lines); the signal's reason
 */
export async function pythonEnvironment(
  log: (line: string) => void,
  { requirements = REQUIREMENTS, signal }: { requirements?: string; signal?: AbortSignal } = {},
): Promise<PythonEnvironment> {
  const python = await findPython();
  const packages = await readFile(requirements, 'utf8');
  const key = createHash('sha256').update([python.executable, python.version, packages].join('\0')).digest('hex');
  const state = stateRoot();
  const directory = join(state, `python-${key.slice(0, 12)}`);
  const environmentOf = (folder: string): PythonEnvironment =>
    python.hasVenv
      ? { executable: join(folder, 'bin', 'python') }
      : { executable: python.executable, packages: join(folder, 'packages') };

  // existsSync follows links: an environment whose interpreter was removed counts as missing.
  const complete = () => existsSync(join(directory, 'complete')) && existsSync(environmentOf(directory).executable);
  if (complete()) return environmentOf(directory);

  const what = requirements === REQUIREMENTS ? 'the local AWS (once, 10 seconds to a minute)' : basename(requirements);
  log(`Installing ${what} with Python ${python.version}`);
  await withLock(
    `${directory}.lock`,
    async () => {
      // Another start may have been faster.
      if (complete()) return;
      await removeAbandoned(state);
      const staging = `${directory}.${process.pid}.new`;
      try {
        await install(python, staging, requirements, signal);
        await writeFile(join(staging, 'complete'), '');
        await rm(directory, { recursive: true, force: true });
        await rename(staging, directory);
      } finally {
        await rm(staging, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    signal,
  );
  return environmentOf(directory);
}

async function install(python: Python, folder: string, file: string, signal?: AbortSignal): Promise<void> {
  if (!python.hasPip && !(python.hasVenv && python.hasEnsurePip))
    throw new LocalAwsError(
      'InstallFailed',
      `Python ${python.version} (${python.executable}) comes without pip and without ensurepip: ` +
        'install them (on Debian and Ubuntu: apt install python3-venv), or name another Python with LOCAL_AWS_PYTHON.',
    );
  const pip = ['-m', 'pip'];
  const requirements = ['install', '--quiet', '--require-hashes', '--no-input', '-r', file];
  if (!python.hasVenv) {
    await command(python.executable, [...pip, ...requirements, '--target', join(folder, 'packages')], signal);
    return;
  }
  if (python.hasEnsurePip) {
    await command(python.executable, ['-m', 'venv', folder], signal);
    await command(join(folder, 'bin', 'python'), [...pip, ...requirements], signal);
    return;
  }
  // The interpreter's own pip installs into the new environment's folder; `--target` works with every version of pip.
  await command(python.executable, ['-m', 'venv', '--without-pip', folder], signal);
  const [major, minor] = python.version.split('.');
  const sitePackages = join(folder, 'lib', `python${major}.${minor}`, 'site-packages');
  await command(python.executable, [...pip, ...requirements, '--target', sitePackages], signal);
}

async function command(executable: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const { failure, lastLines } = await run(executable, args, { signal });
  signal?.throwIfAborted();
  if (failure === undefined) return;
  throw new LocalAwsError(
    'InstallFailed',
    `Installing the local AWS failed at "${['python', ...args.slice(0, 3)].join(' ')}" (${failure}):\n${lastLines.join('\n')}`,
  );
}

/** What an install that was killed left behind. */
async function removeAbandoned(state: string): Promise<void> {
  for (const entry of await readdir(state)) {
    const pid = /^python-[0-9a-f]+\.(\d+)\.new$/.exec(entry)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(state, entry), { recursive: true, force: true });
  }
}
