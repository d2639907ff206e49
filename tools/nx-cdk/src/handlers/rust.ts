import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import type { Architecture } from './architecture.ts';
import type { Surroundings } from './go-toolchain.ts';
import { askTool, runTool } from './run-tool.ts';
import { findRust, type FoundRust, hasTarget, type RustToolchain } from './rust-toolchain.ts';
import { cargoTestCounter, type Counts } from './test-counts.ts';
import { versionIn } from './versions.ts';

/** What the binary of a handler is called, in Cargo.toml as in Lambda. */
const BINARY = 'bootstrap';

/** The Rust for a project: as new as `rust-version` of its Cargo.toml asks for. */
export async function rustFor({ workspaceRoot, projectRoot, env }: Surroundings): Promise<FoundRust> {
  const manifest = await readFile(join(projectRoot, 'Cargo.toml'), 'utf8');
  const minimum = versionIn(/^rust-version\s*=\s*"(.*)"/m.exec(manifest)?.[1]);
  return findRust(workspaceRoot, env, minimum);
}

/**
 * Compiles the handler in a folder with a Cargo.toml into `output`. Same sources and same Rust, same bytes, whatever
 * the folder is called.
 *
 * @throws Failure `NoRustTarget`
 */
export async function buildRust(
  output: string,
  architecture: Architecture,
  toolchain: RustToolchain,
  { workspaceRoot, projectRoot, signal }: Surroundings,
): Promise<boolean> {
  const target = architecture.rust;
  if (!hasTarget(toolchain, target)) {
    throw new Failure('NoRustTarget', {
      what: `Rust ${toolchain.version} cannot compile ${projectRoot} for ${architecture.name}, as its library for ${target} is missing`,
      next: `run rustup target add ${target}, or let handlers be compiled for the other architecture (architecture.json)`,
    });
  }
  const args = ['rustc', '--release', '--locked', '--bin', BINARY, ...places(projectRoot, target)];
  // Only the project itself is told the name of its folder: what it depends on then compiles to the same in every
  // checkout, and a copy of the target folder is as good as the original.
  const own = ['--', `--remap-path-prefix=${workspaceRoot}=.`];
  const env = environmentFor(target, toolchain);
  if ((await runTool('cargo', [...args, ...own], { cwd: projectRoot, env, signal })) !== 0) return false;
  await copyFile(join(projectRoot, 'target', target, 'release', BINARY), output);
  return true;
}

/** Runs the tests, on this machine's own system. */
export async function testRust(toolchain: RustToolchain, { projectRoot, signal }: Surroundings): Promise<Counts> {
  const counter = cargoTestCounter((line) => process.stdout.write(line));
  // Optimized as the handler is, so that what the build has compiled need not be compiled again.
  const args = ['test', '--release', '--locked', ...places(projectRoot, toolchain.host)];
  const env = environmentFor(toolchain.host, toolchain);
  const code = await runTool('cargo', args, { cwd: projectRoot, env, signal, onLine: counter.read });
  return counter.counts(code);
}

/**
 * Looks for mistakes that compile, and for files that rustfmt would write otherwise, if the machine has clippy and
 * rustfmt.
 */
export async function vetRust(
  toolchain: RustToolchain,
  { projectRoot, signal, listener }: Surroundings,
): Promise<boolean> {
  const options = { cwd: projectRoot, env: environmentFor(toolchain.host, toolchain), signal };
  const checks: readonly [name: string, args: readonly string[]][] = [
    ['fmt', ['fmt', '--check']],
    [
      'clippy',
      ['clippy', '--release', '--locked', '--all-targets', ...places(projectRoot, toolchain.host), '--', '-Dwarnings'],
    ],
  ];
  let good = true;
  for (const [name, args] of checks) {
    if ((await askTool('cargo', [name, '--version'], toolchain.env, projectRoot)) === undefined) {
      const text = `cargo ${name} is left out: Rust ${toolchain.version} of this machine has none (rustup component add)`;
      listener({ type: 'message', level: 'warning', text });
    } else if ((await runTool('cargo', args, options)) !== 0) good = false;
  }
  return good;
}

function places(projectRoot: string, target: string): string[] {
  return ['--target', target, '--target-dir', join(projectRoot, 'target')];
}

/** Flags that make a binary of the sources alone: no names of folders, no random identity. */
function environmentFor(target: string, { env, sysroot, commit, host }: RustToolchain): NodeJS.ProcessEnv {
  const flags = [
    `--remap-path-prefix=${env['CARGO_HOME']}=cargo`,
    // What prebuilt libraries call their own sources, also if those are on this machine.
    `--remap-path-prefix=${join(sysroot, 'lib', 'rustlib', 'src', 'rust')}=/rustc/${commit}`,
    ...(target.includes('linux') ? ['-Clink-arg=-Wl,--build-id=none'] : []),
  ];
  const linker = `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_LINKER`;
  // What Debian, Ubuntu and Fedora call the linker for another architecture.
  const cross = target === host ? {} : { [linker]: env[linker] ?? `${target.split('-')[0]}-linux-gnu-gcc` };
  return { ...env, ...cross, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
}
