import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';
import { goToolchain, type GoToolchain, type Surroundings } from './go-toolchain.ts';
import { runTool } from './run-tool.ts';
import { type Counts, goTestCounter } from './test-counts.ts';
import { toolFolder, without } from './tool-folder.ts';

// The same for build, test and vet, so that Go's cache serves all three. `lambda.norpc` leaves out what only the old
// go1.x runtime needed:
// https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
const COMPILE = ['-trimpath', '-buildvcs=false', '-tags=lambda.norpc'];

/**
 * Compiles the handler in a folder with a go.mod into `output`. Same sources and same Go, same bytes, on whatever
 * machine. @throws Failure `NoGo`
 */
export async function buildGo(output: string, architecture: Architecture, given: Surroundings): Promise<boolean> {
  const toolchain = await goToolchain(given);
  const args = ['build', ...COMPILE, '-ldflags=-s -w -buildid=', '-o', output, '.'];
  const env = { ...goEnvironment(toolchain, given), GOOS: 'linux', GOARCH: architecture.go };
  return (await runTool(toolchain.go, args, { cwd: given.projectRoot, env, signal: given.signal })) === 0;
}

/** Runs the tests, on this machine's own system. @throws Failure `NoGo` */
export async function testGo(given: Surroundings): Promise<Counts> {
  const toolchain = await goToolchain(given);
  const counter = goTestCounter((line) => process.stdout.write(line));
  const code = await runTool(toolchain.go, ['test', ...COMPILE, '-json', './...'], {
    cwd: given.projectRoot,
    env: goEnvironment(toolchain, given),
    signal: given.signal,
    onLine: counter.read,
  });
  return counter.counts(code);
}

/** Looks for mistakes that compile, and for files that gofmt would write otherwise. @throws Failure `NoGo` */
export async function vetGo(given: Surroundings): Promise<boolean> {
  const toolchain = await goToolchain(given);
  const options = { cwd: given.projectRoot, env: goEnvironment(toolchain, given), signal: given.signal };
  const unformatted: string[] = [];
  const formatted = await runTool(toolchain.gofmt, ['-l', '.'], {
    ...options,
    onLine: (file) => unformatted.push(file),
  });
  for (const file of unformatted) {
    given.listener({ type: 'message', level: 'error', text: `${file} is not formatted: run gofmt -w ${file}` });
  }
  const vetted = await runTool(toolchain.go, ['vet', ...COMPILE, './...'], options);
  return formatted === 0 && vetted === 0 && unformatted.length === 0;
}

/**
 * The caller's shell and Go's own settings must not change the result. They may only say where modules come from.
 */
function goEnvironment({ go }: GoToolchain, { workspaceRoot, env }: Surroundings): NodeJS.ProcessEnv {
  const home = env['HOME'] ?? homedir();
  const configuration = env['XDG_CONFIG_HOME'] ?? join(home, '.config');
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
