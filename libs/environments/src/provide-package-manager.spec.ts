import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PackageManagerError, providePackageManager } from './provide-package-manager.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'provide-package-manager-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, content: string) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), content);
};
const root = () => join(folder, 'workspace');
/** The lines for a workspace whose `package.json` has this field. */
function linesFor(packageManager?: string): string[] {
  write('workspace/package.json', JSON.stringify({ packageManager }));
  return providePackageManager(root());
}

const PROGRAM = '#!/usr/bin/env node\nconsole.log("it runs", ...process.argv.slice(2));\n';
const sha512 = (content: string | Buffer) => createHash('sha512').update(content).digest('hex');

describe('lines that fetch a package manager', () => {
  let registry: Server;
  let archive: Buffer;

  /** A registry that has one package, with one program. */
  async function given(name: string, version: string, program: string): Promise<void> {
    write('made/package/package.json', JSON.stringify({ name, version }));
    write(`made/package/${program}`, PROGRAM);
    execFileSync('tar', ['-czf', join(folder, 'made.tgz'), '-C', join(folder, 'made'), 'package']);
    archive = readFileSync(join(folder, 'made.tgz'));
    registry = createServer((request, response) => {
      if (request.url?.endsWith('.tgz')) return response.end(archive);
      const dist = { tarball: `${address()}/${name}/made.tgz` };
      return response.end(JSON.stringify({ name, versions: { [version]: { name, version, dist } } }));
    });
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
  }
  const address = () => `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  afterEach(() => registry.close());

  /** Runs them as a CI does, then the package manager. */
  async function run(lines: readonly string[], name: string) {
    const shell = spawn('bash', ['-eo', 'pipefail', '-c', [...lines, `${name} install`].join('\n')], {
      cwd: root(),
      env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, npm_config_registry: address() },
    });
    let [output, errors] = ['', ''];
    shell.stdout.on('data', (data) => (output += data));
    shell.stderr.on('data', (data) => (errors += data));
    const [status] = await once(shell, 'close');
    return { status, output, errors };
  }

  test.each([
    ['pnpm', 'pnpm', '10.34.9', 'bin/pnpm.cjs'],
    ['pnpm', 'pnpm', '12.21.0', 'bin/pnpm.mjs'],
    ['yarn', 'yarn', '1.22.22', 'bin/yarn.js'],
  ])('run %s, if its package %s@%s has the checksum of the commit', async (manager, name, version, program) => {
    await given(name, version, program);
    const field = (checksum: string) => linesFor(`${manager}@${version}+sha512.${checksum}`);

    expect(await run(field(sha512(archive)), manager)).toMatchObject({ status: 0, output: 'it runs install\n' });

    const refused = await run(field(sha512('something else')), manager);
    expect(refused).toMatchObject({ status: 1, output: expect.not.stringContaining('it runs') });
    expect(refused.errors).toContain('checksum did NOT match');
  });

  test('make their folder where they are told, so that nothing stays behind when it goes with the shell', async () => {
    await given('pnpm', '10.34.9', 'bin/pnpm.cjs');
    linesFor(`pnpm@10.34.9+sha512.${sha512(archive)}`);
    const lines = providePackageManager(root(), '$WORK');
    const ended = await run(['WORK="$(mktemp -d)"', `trap 'rm -rf "$WORK"' EXIT`, ...lines], 'pnpm');
    expect(ended).toMatchObject({ status: 0, output: 'it runs install\n' });
    expect(readdirSync(folder).filter((name) => name.startsWith('tmp.'))).toEqual([]);
  });

  test('run a later Yarn, if its program has the checksum of the commit', async () => {
    await given('@yarnpkg/cli-dist', '4.18.1', 'bin/yarn.js');
    write('workspace/.yarnrc.yml', 'nodeLinker: node-modules\n');
    const field = (checksum: string) => linesFor(`yarn@4.18.1+sha512.${checksum}`);

    expect(await run(field(sha512(PROGRAM)), 'yarn')).toMatchObject({ status: 0, output: 'it runs install\n' });

    expect(await run(field(sha512('something else')), 'yarn')).toMatchObject({ status: 1 });
  });
});

test('npm comes with Node', () => {
  expect(linesFor()).toEqual([]);
  expect(linesFor('npm@11.0.0')).toEqual([]);
});

test('a Yarn that is in the repository is run from there', () => {
  write('workspace/.yarnrc.yml', 'nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.18.1.cjs\n');
  write('workspace/.yarn/releases/yarn-4.18.1.cjs', PROGRAM);
  const script = [...linesFor('yarn@4.18.1'), 'yarn install'].join('\n');
  const output = execFileSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: root(), encoding: 'utf8' });
  expect(output).toBe('it runs install\n');
});

describe('a package manager of which the commit does not say which program it is', () => {
  test.each([
    ['pnpm@10.34.9', 'npx corepack use pnpm@10.34.9'],
    ['pnpm@10.34.9+sha1.0123456789012345678901234567890123456789', 'npx corepack use pnpm@10.34.9'],
    ['pnpm@10.34.9+sha512.abc', 'npx corepack use pnpm@10.34.9'],
    ['yarn@1.22.22', 'npx corepack use yarn@1.22.22'],
  ])('as %s, is refused with the command that says it', (field, command) => {
    expect(() => linesFor(field)).toThrow(PackageManagerError);
    expect(() => linesFor(field)).toThrow(command);
  });

  test('is refused if only its lockfile names it', () => {
    write('workspace/pnpm-lock.yaml', '');
    expect(() => linesFor()).toThrow('npx corepack use pnpm@latest');
  });

  test('is refused if it is a Yarn that makes no node_modules', () => {
    expect(() => linesFor('yarn@4.18.1')).toThrow('.yarnrc.yml does not say "nodeLinker: node-modules"');
  });
});
