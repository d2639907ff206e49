import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { CHECKOUT, cleanEnvironment, type ProcessResult, runProcess, succeeded, temporaryFolder } from 'test-bed';
import { type BuiltPackage, builtPackages } from './packages.ts';

/** Bytes. What nx-cdk itself takes on a disk, without what it depends on. */
const LARGEST = 3_000_000;

const PACKAGES = await builtPackages();

test('seven packages are built', () => {
  expect(PACKAGES.map(({ manifest }) => manifest.name)).toEqual([
    '@nx-cdk/cdk-assume-role-credential-plugin',
    '@nx-cdk/constructs',
    '@nx-cdk/environments',
    '@nx-cdk/local-aws',
    'nx-cdk',
    '@nx-cdk/pipeline-walker',
    '@nx-cdk/processes',
  ]);
});

describe.each(PACKAGES.map((built) => [built.manifest.name, built] as const))('%s', (_name, built) => {
  let folder: string;
  /** Unpacked from its tarball, as npm installs it. */
  let unpacked: string;
  let tarball: string;
  let files: string[];

  const run = (command: string, ...args: string[]): Promise<ProcessResult> =>
    runProcess(command, args, { cwd: folder, env: cleanEnvironment(CHECKOUT, folder) });

  beforeAll(async () => {
    folder = await temporaryFolder('package-');
    succeeded(await run('npm', 'pack', built.folder, '--pack-destination', folder));
    tarball = join(
      folder,
      (await readdir(folder)).find((name) => name.endsWith('.tgz'))!,
    );
    await mkdir(join(folder, 'unpacked'));
    succeeded(await run('tar', '-xzf', tarball, '-C', 'unpacked'));
    unpacked = join(folder, 'unpacked', 'package');
    const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
    files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('publint finds nothing', async () => {
    const result = await run('publint', 'run', tarball, '--strict');
    expect(result).toEndWith(0);
    expect(result.output).toContain('All good!');
  });

  test('its types are what its modules are, for who imports ES modules', async () => {
    expect(await run('attw', tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii')).toEndWith(0);
  });

  test('holds no TypeScript but declarations, no tests, and nothing that only they need', () => {
    const ours = files.filter((file) => !file.endsWith('.template'));
    expect(ours.filter((file) => /(?<!\.d)\.[cm]?ts$/.test(file))).toEqual([]);
    expect(ours.filter((file) => /\.(spec|test)\.|(^|\/)(testing|fake-[^/]*|test-results)(\/|$)/.test(file))).toEqual(
      [],
    );
    expect(ours.filter((file) => /(^|\/)(jest\.config\.|tsconfig\.|node_modules\/|__pycache__\/)/.test(file))).toEqual(
      [],
    );
  });

  test('names no path of this machine', async () => {
    // The home folder of root has the same name in the images of AWS CodeBuild.
    const places = [CHECKOUT, homedir()].filter((place) => place !== '/root');
    const telling = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(unpacked, file), 'utf8');
        return places.some((place) => text.includes(place)) ? [file] : [];
      }),
    );
    expect(telling.flat()).toEqual([]);
  });

  test('looks for none of its modules by the name of its source', async () => {
    // Generators, and the room that they make projects with, name sources of their user.
    const code = files.filter((file) => /^(?!src\/(generators|new-project)\/).*\.js$/.test(file));
    const modules = new Set(code.map((file) => basename(file, '.js')));
    const found = await Promise.all(code.map((file) => sourcesNamedIn(join(unpacked, file))));
    expect(found.flat().filter((name) => modules.has(name))).toEqual([]);
  });

  test('has a licence, a page of its own, and says where it comes from', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    const { license, description, keywords, repository, engines, publishConfig } = built.manifest;
    expect({ license, engines, publishConfig }).toEqual({
      license: 'MIT',
      engines: { node: '>=22.12' },
      publishConfig: { access: 'public' },
    });
    expect(description).toMatch(/^[A-Z].+[^.]$/);
    expect(keywords).toContain(built.manifest.name === 'nx-cdk' ? 'nx-plugin' : 'nx-cdk');
    expect(existsSync(join(CHECKOUT, repository!.directory, 'package.json'))).toBe(true);
  });

  test('its programs can be started', async () => {
    for (const program of Object.values(built.manifest.bin ?? {})) {
      expect(await readFile(join(unpacked, program), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect((await stat(join(unpacked, program))).mode & 0o111).toBe(0o111);
    }
  });

  test('what Nx reads of it names files that are there', async () => {
    for (const file of filesThatNxReads(built)) {
      const text = await readFile(join(unpacked, file), 'utf8');
      const named = [...text.matchAll(/"(\.\/[^"#]+)/g)].map(([, path]) => path!);
      expect(named.filter((path) => !existsSync(join(unpacked, path)))).toEqual([]);
      expect(named.length).toBeGreaterThan(0);
    }
  });
});

test('nx-cdk itself takes less than 3 MB', async () => {
  const { folder } = PACKAGES.find(({ manifest }) => manifest.name === 'nx-cdk')!;
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LARGEST);
});

/** Names of TypeScript files, without extension, in the strings of a module. */
async function sourcesNamedIn(file: string): Promise<string[]> {
  const code = (await readFile(file, 'utf8')).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/([\w.-]+)\.ts['"`\s]/g)].map(([, name]) => name!);
}

function filesThatNxReads({ manifest }: BuiltPackage): string[] {
  const { migrations } = (manifest['nx-migrations'] ?? {}) as { migrations?: string };
  return [manifest['executors'], manifest['generators'], migrations].filter((file) => typeof file === 'string');
}
