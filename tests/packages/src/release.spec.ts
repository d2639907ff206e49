import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT, cleanEnvironment, type ProcessResult, runProcess, ScratchWorkspace, succeeded } from 'test-bed';
import { builtPackages, type PackageManifest } from './packages.ts';
import { type Registry, startRegistry } from './registry.ts';

const VERSION = '1.2.3';

let workspace: ScratchWorkspace;
/** Of its own: the one of all suites has the packages in the version that they have here. */
let registry: Registry;
let released: ProcessResult;

beforeAll(async () => {
  workspace = await ScratchWorkspace.create();
  registry = await startRegistry(join(workspace.temporary, 'registry'));
  // They are built already; Nx would build them in the copy once more, for a minute.
  await cp(join(CHECKOUT, 'dist', 'packages'), workspace.path('dist/packages'), { recursive: true });
  await workspace.replace('nx.json', '"preVersionCommand": "nx run-many -t package",', '');
  await workspace.commit('What is released');
  await mkdir(workspace.home, { recursive: true });
  await writeFile(join(workspace.home, '.npmrc'), registry.npmrc);
  const identity = { name: 'releaser', email: 'releaser@example.com' };
  released = await workspace.run('nx', ['release', VERSION, '--yes', '--verbose'], {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  });
});
afterAll(async () => {
  await registry?.stop();
  await workspace?.remove();
});

test('nx release publishes all packages in one version, and each depends on the others in that version', async () => {
  expect(released).toEndWith(0);
  const packages = await builtPackages();
  const names = packages.map(({ manifest }) => manifest.name);
  for (const name of names) {
    const published = await publishedManifest(name);
    expect(published.version).toBe(VERSION);
    const internal = Object.entries(published.dependencies ?? {}).filter(([dependency]) => names.includes(dependency));
    expect(internal.filter(([, version]) => version !== VERSION)).toEqual([]);
  }
  const walker = await publishedManifest('@nx-cdk/pipeline-walker');
  expect(walker.dependencies).toMatchObject({ 'nx-cdk': VERSION, '@nx-cdk/processes': VERSION });
});

test('the changelog has a section of the version, and the commit is tagged', async () => {
  const changelog = await readFile(workspace.path('CHANGELOG.md'), 'utf8');
  expect(changelog).toMatch(
    new RegExp(`## Unreleased\n\n## ${VERSION.replaceAll('.', '\\.')} - \\d{4}-\\d\\d-\\d\\d\n`),
  );
  const git = async (...args: string[]) => succeeded(await workspace.run('git', args)).stdout.trim();
  expect(await git('tag', '--points-at', 'HEAD')).toBe(`v${VERSION}`);
  expect(await git('log', '-1', '--format=%s')).toBe(`Release ${VERSION}`);
  expect(await git('show', '--name-only', '--format=', 'HEAD')).toBe('CHANGELOG.md');
  expect(await git('status', '--porcelain')).toBe('');
});

test('a version that is published already is not published again', async () => {
  const again = await workspace.run('nx', ['release', 'publish'], {});
  expect(again.output).toMatch(/already (been published|exists)/i);
  expect(await publishedManifest('nx-cdk')).toMatchObject({ version: VERSION });
});

async function publishedManifest(name: string): Promise<PackageManifest> {
  const env = cleanEnvironment(CHECKOUT, workspace.home);
  const { stdout } = succeeded(await runProcess('npm', ['view', name, '--json'], { cwd: workspace.temporary, env }));
  return JSON.parse(stdout) as PackageManifest;
}
