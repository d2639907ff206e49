import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAlive, run, withLock } from '@libs/processes';
import { onInterrupt } from './interruption.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { projectRoot } from './locations.ts';
import { findPython, type Python } from './python.ts';

export const requirementsFile = join(projectRoot, 'requirements.txt');

/** How to run Python with everything that requirements.txt lists. */
export interface PythonEnvironment {
  readonly executable: string;
  /** Added to PYTHONPATH where packages could not go into a virtual environment. */
  readonly packages?: string;
}

/**
 * The Python environment that every instance shares, made on first use: `<root>/python-<hash of interpreter and
 * requirements>`.
 *
 * It is built beside its final name and renamed when complete, so that an interrupted install leaves nothing that looks
 * whole, and of two starts at the same time one waits for the other. pip reads its own configuration (PIP_*,
 * certificates) as always.
 *
 * @param requirements what is in it. @default what the local AWS needs
 * @throws LocalAwsError `NoPython`, `InstallFailed` (with pip's last lines)
 */
export async function pythonEnvironment(
  root: string,
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
  requirements: string = requirementsFile,
): Promise<PythonEnvironment> {
  const python = await findPython(environment);
  const packages = await readFile(requirements, 'utf8');
  const key = createHash('sha256').update([python.executable, python.version, packages].join('\0')).digest('hex');
  const directory = join(root, `python-${key.slice(0, 12)}`);
  const environmentOf = (folder: string): PythonEnvironment =>
    python.hasVenv
      ? { executable: join(folder, 'bin', 'python') }
      : { executable: python.executable, packages: join(folder, 'packages') };

  // existsSync follows links: an environment whose interpreter was removed since counts as missing.
  const complete = () => existsSync(join(directory, 'complete')) && existsSync(environmentOf(directory).executable);
  if (complete()) return environmentOf(directory);

  const what =
    requirements === requirementsFile ? 'the local AWS (once, 10 seconds to a minute)' : basename(requirements);
  log(`Installing ${what} with Python ${python.version}`);
  await withLock(`${directory}.lock`, async () => {
    // Another start may have been faster.
    if (complete()) return;
    await removeAbandoned(root);
    const staging = `${directory}.${process.pid}.new`;
    const removeStaging = () => rm(staging, { recursive: true, force: true, maxRetries: 5 });
    const interrupted = onInterrupt(removeStaging);
    try {
      await install(python, staging, requirements, environment);
      await writeFile(join(staging, 'complete'), '');
      await rm(directory, { recursive: true, force: true });
      await rename(staging, directory);
    } finally {
      await removeStaging();
      interrupted.dispose();
    }
  });
  return environmentOf(directory);
}

async function install(python: Python, folder: string, file: string, environment: NodeJS.ProcessEnv): Promise<void> {
  if (!python.hasPip && !(python.hasVenv && python.hasEnsurePip))
    throw new LocalAwsError(
      'InstallFailed',
      `Python ${python.version} (${python.executable}) comes without pip and without ensurepip: ` +
        'install them (on Debian and Ubuntu: apt install python3-venv), or name another Python with LOCAL_AWS_PYTHON.',
    );
  const pip = ['-m', 'pip'];
  const requirements = ['install', '--quiet', '--require-hashes', '--no-input', '-r', file];
  if (!python.hasVenv) {
    await command(python.executable, [...pip, ...requirements, '--target', join(folder, 'packages')], environment);
    return;
  }
  if (python.hasEnsurePip) {
    await command(python.executable, ['-m', 'venv', folder], environment);
    await command(join(folder, 'bin', 'python'), [...pip, ...requirements], environment);
    return;
  }
  // The interpreter's own pip installs into the new environment's folder; `--target` works with every version of pip.
  await command(python.executable, ['-m', 'venv', '--without-pip', folder], environment);
  const [major, minor] = python.version.split('.');
  const sitePackages = join(folder, 'lib', `python${major}.${minor}`, 'site-packages');
  await command(python.executable, [...pip, ...requirements, '--target', sitePackages], environment);
}

async function command(executable: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const controller = new AbortController();
  const ended = run(executable, args, { env, signal: controller.signal });
  // It has to end first: it would go on filling the folder that is about to be removed.
  const interrupted = onInterrupt(() => {
    controller.abort();
    return ended;
  });
  const { failure, lastLines } = await ended;
  interrupted.dispose();
  if (failure === undefined) return;
  throw new LocalAwsError(
    'InstallFailed',
    `Installing the local AWS failed at "${['python', ...args.slice(0, 3)].join(' ')}" (${failure}):\n${lastLines.join('\n')}`,
  );
}

/** What an install that was killed left behind. */
async function removeAbandoned(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    const pid = /^python-[0-9a-f]+\.(\d+)\.new$/.exec(entry)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(root, entry), { recursive: true, force: true });
  }
}
