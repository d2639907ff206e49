import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../failure/index.ts';
import type { ArchitectureName } from './architecture.ts';
import { askTool, type Handler, runTool } from './handler.ts';

/** What a handler in Python is built for. */
export interface PythonRuntime {
  /** As Lambda calls it: `python3.13`. */
  readonly runtime: string;
  /** What its function runs on. */
  readonly architecture: ArchitectureName;
}

/** A package, as a `requirements.txt` pins it. */
interface Pin {
  readonly name: string;
  readonly version: string;
}

/** GNU C libraries that packages are compiled for, up to that of Amazon Linux 2023 (https://peps.python.org/pep-0600). */
const GLIBC = ['2_34', '2_28', '2_17'];

/** What Python's packages call an architecture. */
const MACHINES: Readonly<Record<ArchitectureName, string>> = { arm64: 'aarch64', x86_64: 'x86_64' };

/** What pip notes about an installation. */
const TRACES = ['RECORD', 'INSTALLER', 'REQUESTED', 'direct_url.json'];

/**
 * Fills `dist` of a handler in Python: what is in its `src`, and the packages that its `requirements.txt` pins, as they
 * are compiled for the function and not for this machine. The same on every machine: nothing that is not pinned gets
 * in, and of what pip leaves behind nothing that names a folder of this machine or changes with the version of pip.
 *
 * @throws Failure `NoPip`, `NotPinned`
 */
export async function buildPython(handler: Omit<Handler, 'language'>, runtime: PythonRuntime): Promise<boolean> {
  const { projectRoot } = handler;
  const folder = join(projectRoot, 'dist');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const requirements = join(projectRoot, 'requirements.txt');
  if (await hasRequirements(requirements)) {
    if (!(await install(handler, runtime, requirements, folder))) return false;
    await requirePins(requirements, folder);
    await removeTraces(folder);
  }
  await cp(join(projectRoot, 'src'), folder, {
    recursive: true,
    filter: (file) => basename(file) !== '__pycache__' && !file.endsWith('.pyc'),
  });
  return true;
}

async function hasRequirements(file: string): Promise<boolean> {
  return existsSync(file) && (await linesOf(file)).length > 0;
}

/** Without comments and continuations. */
async function linesOf(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replace(/\\\r?\n/g, ' ');
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

async function install(
  { projectRoot, env, signal, projectName }: Omit<Handler, 'language'>,
  { runtime, architecture }: PythonRuntime,
  requirements: string,
  folder: string,
): Promise<boolean> {
  if ((await askTool('python3', ['-m', 'pip', '--version'], env)) === undefined) {
    throw new Failure('NoPip', {
      subject: projectName,
      what: 'its requirements cannot be installed, as this machine has no python3 with pip',
      next: 'install Python, with pip',
    });
  }
  const platforms = GLIBC.map((version) => `manylinux_${version}_${MACHINES[architecture]}`);
  const args = ['-m', 'pip', 'install', '--requirement', requirements, '--target', folder];
  // The versions of the function, not of this machine; nothing is compiled here, so nothing needs a compiler.
  args.push('--python-version', runtime.replace('python', ''), '--implementation', 'cp', '--only-binary', ':all:');
  for (const platform of [...platforms, `manylinux2014_${MACHINES[architecture]}`]) args.push('--platform', platform);
  args.push('--no-compile', '--quiet', '--no-input', '--disable-pip-version-check');
  // In the container of a CI, where everything is root, pip warns of that.
  const quiet = { ...env, PIP_ROOT_USER_ACTION: 'ignore' };
  return (await runTool('python3', args, { cwd: projectRoot, env: quiet, signal })) === 0;
}

/** Refuses packages that others brought in, in whatever version there was at the moment. @throws Failure `NotPinned` */
async function requirePins(requirements: string, folder: string): Promise<void> {
  const pinned = new Set((await linesOf(requirements)).flatMap((line) => pinIn(line) ?? []).map(key));
  const installed = (await readdir(folder)).flatMap((entry) => {
    const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
  const missing = installed.filter((pin) => !pinned.has(key(pin))).map(({ name, version }) => `${name}==${version}`);
  if (missing.length === 0) return;
  throw new Failure('NotPinned', {
    what: `${missing.join(', ')} would be installed, but ${missing.length === 1 ? 'is' : 'are'} not pinned`,
    where: requirements,
    next: `add ${missing.length === 1 ? 'it' : 'them'} there, a line each, so that every machine installs the same`,
  });
}

/** @example 'requests[socks]==2.32.3 --hash=sha256:...' */
function pinIn(line: string): Pin | undefined {
  const [, name, version] = /^([\w.-]+)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,]+)/.exec(line) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Names are the same however they are written: https://packaging.python.org/en/latest/specifications/name-normalization */
function key({ name, version }: Pin): string {
  return `${name.replaceAll(/[-_.]+/g, '-').toLowerCase()} ${version}`;
}

/** Programs begin with the path of this machine's Python, and a RECORD has their checksums. */
async function removeTraces(folder: string): Promise<void> {
  const about = (await readdir(folder)).filter((entry) => entry.endsWith('.dist-info'));
  const traces = about.flatMap((entry) => TRACES.map((file) => join(entry, file)));
  for (const trace of ['bin', ...traces]) await rm(join(folder, trace), { recursive: true, force: true });
}
