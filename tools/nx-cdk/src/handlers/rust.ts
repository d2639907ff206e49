import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../failure/index.ts';
import { askTool, type Compiler, type Handler, runTool, toolFolder, without } from './handler.ts';
import { cargoTestCounter } from './test-counts.ts';
import { isAtLeast, versionIn } from './versions.ts';

/** What the binary of a handler is called, in Cargo.toml as in Lambda. */
const BINARY = 'bootstrap';

/** A Rust to compile with. */
export interface RustToolchain {
  /** For example 1.95.0. */
  readonly version: string;
  /** The commit that the compiler was made of. */
  readonly commit: string;
  /** The triple of this machine. */
  readonly host: string;
  /** Where the compiler and its libraries are. */
  readonly sysroot: string;
  /** What cargo runs with; nothing of the caller's shell changes the result. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Compiles the handler in a folder with a Cargo.toml. `build` throws `NoRustTarget`.
 *
 * @returns why there is none, if this machine has no Rust as new as `rust-version` of the Cargo.toml asks for
 */
export async function rustCompiler(handler: Handler): Promise<Compiler | string> {
  const { workspaceRoot, projectRoot, signal, listener } = handler;
  const manifest = await readFile(join(projectRoot, 'Cargo.toml'), 'utf8');
  const minimum = versionIn(/^rust-version\s*=\s*"(.*)"/m.exec(manifest)?.[1]);
  const toolchain = await findRust(workspaceRoot, handler.env, minimum);
  if (typeof toolchain === 'string') return toolchain;
  const { host, version, env } = toolchain;
  const optionsFor = (target: string) => ({ cwd: projectRoot, env: environmentFor(target, toolchain), signal });
  const folder = join(projectRoot, 'target');
  // Tests are optimized as the handler is, so that what the build has compiled need not be compiled again.
  const argumentsFor = (target: string) => ['--release', '--locked', '--target', target, '--target-dir', folder];
  return {
    foreign: [`${env['CARGO_HOME']}/registry/`],
    build: async (output, { name, rust: target }) => {
      if (!hasTarget(toolchain, target)) {
        throw new Failure('NoRustTarget', {
          what: `Rust ${version} cannot compile ${projectRoot} for ${name}, as its library for ${target} is missing`,
          next: `run rustup target add ${target}, or let handlers be compiled for the other architecture (the option architecture of nx-cdk/plugin in nx.json)`,
        });
      }
      // Only the project itself gets the name of its folder: what it depends on then compiles to the same in every
      // checkout, and a copy of the target folder is as good as the original.
      const own = ['--', `--remap-path-prefix=${workspaceRoot}=.`];
      const args = ['rustc', ...argumentsFor(target), '--bin', BINARY, ...own];
      if ((await runTool('cargo', args, optionsFor(target))) !== 0) return false;
      await copyFile(join(folder, target, 'release', BINARY), output);
      return true;
    },
    test: async () => {
      const counter = cargoTestCounter((line) => process.stdout.write(line));
      const options = { ...optionsFor(host), onLine: counter.read };
      return counter.counts(await runTool('cargo', ['test', ...argumentsFor(host)], options));
    },
    vet: async () => {
      const checks = { fmt: ['--check'], clippy: ['--all-targets', ...argumentsFor(host), '--', '-Dwarnings'] };
      let good = true;
      for (const [name, args] of Object.entries(checks)) {
        if ((await askTool('cargo', [name, '--version'], env, projectRoot)) === undefined) {
          const text = `cargo ${name} is left out: Rust ${version} of this machine has none (rustup component add)`;
          listener({ type: 'message', level: 'warning', text });
        } else if ((await runTool('cargo', [name, ...args], optionsFor(host))) !== 0) good = false;
      }
      return good;
    },
  };
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

/**
 * The machine's Rust. There is no package that brings one, so a machine without it cannot compile handlers in Rust.
 *
 * @param minimum the oldest version that will do
 * @returns why there is none that will do, if so
 */
export async function findRust(
  workspaceRoot: string,
  env: NodeJS.ProcessEnv,
  minimum = '0.0',
): Promise<RustToolchain | string> {
  const rustEnv = rustEnvironment(workspaceRoot, env);
  const said = await askTool('rustc', ['-vV'], rustEnv, workspaceRoot);
  // Not asked if there is no rustc: rustup, which stands in for cargo, would start to settle in the home folder.
  const cargo = said && (await askTool('cargo', ['--version'], rustEnv, workspaceRoot));
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(said ?? '')?.[1] ?? '';
  const version = versionIn(field('release'));
  if (cargo === undefined || version === undefined) return 'this machine has no Rust';
  if (!isAtLeast(version, minimum)) return `Rust ${version} of this machine is older than ${minimum}`;
  const sysroot = (await askTool('rustc', ['--print', 'sysroot'], rustEnv, workspaceRoot))!;
  return { version, commit: field('commit-hash'), host: field('host'), sysroot, env: rustEnv };
}

/** Whether Rust has its library for a target: without it nothing can be compiled for it. */
export function hasTarget({ sysroot }: RustToolchain, triple: string): boolean {
  return existsSync(join(sysroot, 'lib', 'rustlib', triple, 'lib'));
}

function rustEnvironment(workspaceRoot: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rustup = rustupHome(env);
  return {
    ...without(env, /^(RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_(BUILD|PROFILE)_.*|CARGO_TARGET_DIR|RUSTC_BOOTSTRAP)$/),
    ...(rustup === undefined ? {} : { RUSTUP_HOME: rustup }),
    // rustup would bring another version if a file asks for one.
    RUSTUP_AUTO_INSTALL: '0',
    CARGO_HOME: env['CARGO_HOME'] ?? toolFolder(workspaceRoot, 'cargo'),
    CARGO_INCREMENTAL: '0',
    LC_ALL: 'C',
  };
}

/**
 * Where rustup keeps its toolchains, if it does not find them by itself: it looks in the home folder, which in a CI may
 * belong to another user than the one who installed it. They are next to the folder with its programs.
 */
function rustupHome(env: NodeJS.ProcessEnv): string | undefined {
  const given = env['RUSTUP_HOME'];
  const hasToolchains = (folder: string) => existsSync(join(folder, 'toolchains'));
  if (hasToolchains(given ?? join(env['HOME'] ?? '', '.rustup'))) return given;
  const rustc = (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'rustc'))
    .find(isProgram);
  if (rustc === undefined) return given;
  const folders = [dirname(rustc), dirname(realpathSync(rustc))].map((folder) => join(folder, '..', '..', '.rustup'));
  return folders.find(hasToolchains) ?? given;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
