import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { installedGo } from './go.ts';
import { buildHandler, type Handler, testHandler, vetHandler } from './index.ts';
import { findRust, hasTarget, type RustToolchain } from './rust.ts';

let workspace: TemporaryWorkspace;
let said: string[];
beforeEach(() => {
  workspace = temporaryWorkspace();
  said = [];
  workspace.write('libs/quote/Cargo.toml', '[package]\nname = "quote"\nrust-version = "1.85"\n');
});
afterEach(() => workspace.dispose());

describe('a machine without Rust', () => {
  test('leaves a handler in Rust out: its folder says so, and nothing of an earlier build is in it', async () => {
    workspace.write('libs/quote/dist/bootstrap', 'of an earlier build');

    expect(await buildHandler(handler(), 'x86_64')).toBe(true);

    const sentence = 'quote is left out, as this machine has no Rust: install Rust (https://rustup.rs) to have it.';
    expect(said).toEqual([`warning: ${sentence}`]);
    expect(readFileSync(workspace.path('libs/quote/dist/left-out.txt'), 'utf8')).toBe(`${sentence}\n`);
    expect(existsSync(workspace.path('libs/quote/dist/bootstrap'))).toBe(false);
  });

  test('tests nothing and says so', async () => {
    expect(await testHandler(handler())).toBe(true);
    expect(await vetHandler(handler())).toBe(true);
    expect(said).toEqual(Array(2).fill(expect.stringContaining('quote is left out')));
    const counts = readFileSync(workspace.path('libs/quote/test-results/unit.json'), 'utf8');
    expect(JSON.parse(counts)).toEqual({ passed: 0, failed: 0 });
  });

  test.each([
    ['builds', (one: Handler) => buildHandler(one, 'x86_64')],
    ['tests', testHandler],
    ['vets', vetHandler],
  ])('fails in a CI that %s it', async (_, run) => {
    await expect(run(handler({ CI: 'true' }))).rejects.toMatchObject({
      code: 'NoCompiler',
      message: 'quote cannot be compiled, as this machine has no Rust: a CI leaves nothing out; install Rust there.',
    });
    expect(existsSync(workspace.path('libs/quote/dist/left-out.txt'))).toBe(false);
  });

  test('is one with a Rust that is too old, too', async () => {
    program('rustc', 'echo "release: 1.63.0"');
    program('cargo', 'echo cargo');
    await buildHandler(handler(), 'x86_64');
    expect(said).toEqual([expect.stringContaining('as Rust 1.63.0 of this machine is older than 1.85')]);
  });
});

describe('Rust', () => {
  beforeEach(() => {
    // given rustup, which finds its compilers in the home folder of whoever installed it
    const toolchains = workspace.path('installer/.rustup/toolchains');
    mkdirSync(`${toolchains}/lib/rustlib/x86_64-unknown-linux-gnu/lib`, { recursive: true });
    const text = `release: 1.95.0\ncommit-hash: abc\nhost: x86_64-unknown-linux-gnu`;
    const rustc = `[ -d "$RUSTUP_HOME/toolchains" ] || exit 1; [ "$1" = -vV ] && echo "${text}" || echo ${toolchains}`;
    program('rustc', rustc, 'installer/.cargo/bin');
    program('cargo', 'echo cargo', 'installer/.cargo/bin');
  });

  test('is found where the home folder is another one than that of whoever installed it', async () => {
    const toolchain = await findRust(workspace.root, environment({}, 'installer/.cargo/bin'));
    expect(toolchain).toMatchObject({ version: '1.95.0', commit: 'abc', host: 'x86_64-unknown-linux-gnu' });
  });

  test('keeps what it downloads in the workspace, and takes no flags from the shell', async () => {
    const shell = {
      RUSTFLAGS: '-g',
      CARGO_PROFILE_RELEASE_LTO: 'fat',
      CARGO_TARGET_DIR: '/tmp',
      CARGO_NET_OFFLINE: '1',
    };
    const toolchain = await findRust(workspace.root, environment(shell, 'installer/.cargo/bin'));
    const { env } = toolchain as RustToolchain;
    for (const name of ['RUSTFLAGS', 'CARGO_PROFILE_RELEASE_LTO', 'CARGO_TARGET_DIR'])
      expect(env).not.toHaveProperty(name);
    expect(env).toMatchObject({ CARGO_HOME: workspace.path('.toolchains/cargo'), CARGO_NET_OFFLINE: '1' });
  });

  test('that cannot compile for the architecture is told how to', async () => {
    const one = { ...handler(), env: environment({}, 'installer/.cargo/bin') };

    await expect(buildHandler(one, 'arm64')).rejects.toMatchObject({
      code: 'NoRustTarget',
      message: expect.stringMatching(
        /for arm64, .* run rustup target add aarch64-unknown-linux-gnu, or .*option architecture /,
      ),
    });
    const toolchain = await findRust(workspace.root, one.env);
    expect(hasTarget(toolchain as RustToolchain, 'x86_64-unknown-linux-gnu')).toBe(true);
  });
});

describe('a handler that becomes an image', () => {
  const obstacle = 'no tool that builds images works here (podman is not installed)';

  test('is left out where nothing can build images: its folder says so, and nothing of an earlier build is in it', async () => {
    workspace.write('libs/quote/dist/Dockerfile', 'of an earlier build');

    expect(await buildHandler(handler(), 'x86_64', { obstacle })).toBe(true);

    const sentence = `quote is left out, as ${obstacle}: install podman or Docker to have it.`;
    expect(said).toEqual([`warning: ${sentence}`]);
    expect(readdirSync(workspace.path('libs/quote/dist'))).toEqual(['left-out.txt']);
    expect(readFileSync(workspace.path('libs/quote/dist/left-out.txt'), 'utf8')).toBe(`${sentence}\n`);
  });

  // The program that the stand-in for Go makes is the Node that runs this, which Lambda could run on Linux only.
  (process.platform === 'linux' ? test : test.skip)(
    'has its Dockerfile beside the program, and neither has modes of the umask',
    async () => {
      // given a Go that compiles to a program of this machine
      const own = process.arch === 'arm64' ? 'arm64' : 'x86_64';
      workspace.write('libs/quote/go.mod', 'module quote\n\ngo 1.26\n');
      workspace.write('libs/quote/Dockerfile', 'FROM scratch\n');
      const copy = `while [ "$1" != -o ]; do shift; done; cp '${process.execPath}' "$2"; chmod 700 "$2"`;
      program('go', `case "$1" in version) echo "go version go1.26.8";; env) echo /go;; *) ${copy};; esac`);
      const umask = process.umask(0o077);
      try {
        // when
        const env = { ...environment(), PATH: `${workspace.path('bin')}:/usr/bin:/bin` };
        const one: Handler = { ...handler(), env, language: 'go' };
        expect(await buildHandler(one, own, { obstacle: undefined })).toBe(true);
      } finally {
        process.umask(umask);
      }

      // then
      const modes = readdirSync(workspace.path('libs/quote/dist')).map((file) => [
        file,
        (statSync(workspace.path('libs/quote/dist', file)).mode & 0o777).toString(8),
      ]);
      expect(modes.toSorted()).toEqual([
        ['Dockerfile', '644'],
        ['bootstrap', '755'],
      ]);
    },
  );
});

describe('Go', () => {
  test('of the machine is asked for its version, and never for another one', async () => {
    program('go', '[ "$GOTOOLCHAIN" = local ] && echo "go version go1.26.8 linux/amd64"');
    expect(await installedGo(workspace.root, environment())).toBe('1.26.8');
  });

  test('is none where there is no such program', async () => {
    expect(await installedGo(workspace.root, environment())).toBeUndefined();
  });

  // As above: what the stand-in for Go makes could run on Lambda if this is Linux only.
  (process.platform === 'linux' ? test : test.skip)('compiles one handler at a time', async () => {
    const own = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const [running, overlap] = [workspace.path('running'), workspace.path('overlap')];
    const copy = `while [ "$1" != -o ]; do shift; done; cp '${process.execPath}' "$2"`;
    const build = `mkdir '${running}' || touch '${overlap}'; ${copy}; rmdir '${running}'`;
    program('go', `case "$1" in version) echo "go version go1.26.8";; env) echo /go;; *) ${build};; esac`);
    const env = { ...environment(), PATH: `${workspace.path('bin')}:/usr/bin:/bin` };

    const built = ['one', 'other'].map((name) => {
      workspace.write(`libs/${name}/go.mod`, 'module quote\n\ngo 1.26\n');
      const projectRoot = workspace.path('libs', name);
      return buildHandler({ ...handler(), projectRoot, env, language: 'go' }, own);
    });

    expect(await Promise.all(built)).toEqual([true, true]);
    expect(existsSync(overlap)).toBe(false);
  });

  test('that a go.mod asks for, and nothing can bring, is asked for in one sentence', async () => {
    workspace.write('libs/quote/go.mod', 'module quote\n\ngo 9.1\n');
    await expect(buildHandler({ ...handler(), language: 'go' }, 'x86_64')).rejects.toMatchObject({
      code: 'NoGo',
      message: expect.stringMatching(
        /go\.mod asks for Go 9\.1, and this machine has none: install Go 9\.1 or later\.$/,
      ),
    });
  });
});

function handler(env: NodeJS.ProcessEnv = {}): Handler {
  return {
    workspaceRoot: workspace.root,
    projectRoot: workspace.path('libs/quote'),
    projectName: 'quote',
    language: 'rust',
    env: environment(env),
    listener: (event) => void (event.type === 'message' && said.push(`${event.level}: ${event.text}`)),
    signal: new AbortController().signal,
  };
}

/** A machine on which there are only the programs of a test, and a shell. */
function environment(more: NodeJS.ProcessEnv = {}, bin = 'bin'): NodeJS.ProcessEnv {
  return { HOME: workspace.path('home'), PATH: [workspace.path(bin), '/nowhere'].join(delimiter), ...more };
}

function program(name: string, does: string, folder = 'bin'): void {
  workspace.write(`${folder}/${name}`, `#!/bin/sh\n${does}\n`);
  chmodSync(workspace.path(folder, name), 0o755);
}
