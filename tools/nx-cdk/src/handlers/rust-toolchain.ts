import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { askTool } from './run-tool.ts';
import { toolFolder, without } from './tool-folder.ts';
import { isAtLeast, versionIn } from './versions.ts';

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
  /** What cargo runs with; nothing that the caller's shell says may change what comes out. */
  readonly env: NodeJS.ProcessEnv;
}

/** The machine's own Rust, in words: what it is, or that there is none. */
export interface FoundRust {
  readonly toolchain?: RustToolchain;
  /** Why there is none that will do. */
  readonly missing?: string;
}

/**
 * The machine's Rust. There is no package that brings one, so a machine without it cannot compile handlers in Rust.
 *
 * @param minimum the oldest version that will do
 */
export async function findRust(workspaceRoot: string, env: NodeJS.ProcessEnv, minimum = '0.0'): Promise<FoundRust> {
  const rustEnv = rustEnvironment(workspaceRoot, env);
  const said = await askTool('rustc', ['-vV'], rustEnv, workspaceRoot);
  // Not asked if there is no rustc: rustup, which stands in for cargo, would start to settle in the home folder.
  const cargo = said && (await askTool('cargo', ['--version'], rustEnv, workspaceRoot));
  const version = versionIn(/^release: (.*)$/m.exec(said ?? '')?.[1]);
  if (said === undefined || cargo === undefined || version === undefined)
    return { missing: 'this machine has no Rust' };
  if (!isAtLeast(version, minimum)) return { missing: `Rust ${version} of this machine is older than ${minimum}` };
  const sysroot = (await askTool('rustc', ['--print', 'sysroot'], rustEnv, workspaceRoot))!;
  const [commit, host] = ['commit-hash', 'host'].map((key) => new RegExp(`^${key}: (.*)$`, 'm').exec(said)?.[1] ?? '');
  return { toolchain: { version, commit: commit!, host: host!, sysroot, env: rustEnv } };
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
 * belong to another user than the one who installed it. They are beside the folder with its programs.
 */
function rustupHome(env: NodeJS.ProcessEnv): string | undefined {
  const known = env['RUSTUP_HOME'] ?? join(env['HOME'] ?? '', '.rustup');
  if (existsSync(join(known, 'toolchains'))) return env['RUSTUP_HOME'];
  const rustc = (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'rustc'))
    .find(isProgram);
  if (rustc === undefined) return env['RUSTUP_HOME'];
  const folders = [dirname(rustc), dirname(realpathSync(rustc))].map((folder) => join(folder, '..', '..', '.rustup'));
  return folders.find((folder) => existsSync(join(folder, 'toolchains'))) ?? env['RUSTUP_HOME'];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
