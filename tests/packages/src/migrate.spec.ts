import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from 'test-bed';
import { FIRST } from './cells.ts';
import { Guest } from './guest.ts';
import { builtPackages, type PackageManifest } from './packages.ts';
import { publishTo, type Registry, startRegistry } from './registry.ts';

/** The one before has the version that packages have in this repository. */
const NEXT = '0.1.0';

let folder: string;
/** Of its own: in the one of all suites there is one version. */
let registry: Registry;
let guest: Guest;

beforeAll(async () => {
  folder = await temporaryFolder('migrate-');
  registry = await startRegistry(join(folder, 'registry'));
  const home = join(folder, 'home');
  const before = (await builtPackages()).map((built) => built.folder);
  await publishTo(registry, before, home);
  await publishTo(registry, await asVersion(NEXT), home);
  guest = await Guest.create(FIRST, registry.npmrc);
});
afterAll(async () => {
  await guest?.remove();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('nx migrate brings a workspace to the next version: packages, options, plugins, and nothing the second time', async () => {
  const { manifest: nxCdk } = (await builtPackages()).find(({ manifest }) => manifest.name === 'nx-cdk')!;
  await guest.write('package.json', {
    name: 'acme',
    version: '0.0.0',
    private: true,
    scripts: { ship: 'nx deploy shop --concurrencyPerEnvironment=2' },
    devDependencies: {
      '@nx-cdk/environments': nxCdk.version,
      '@nx-cdk/pipeline-walker': nxCdk.version,
      '@nx/devkit': FIRST.nx,
      nx: FIRST.nx,
      'nx-cdk': nxCdk.version,
    },
  });
  await guest.write('nx.json', {
    plugins: ['nx-cdk/plugin', 'pipeline-walker/plugin'],
    targetDefaults: { 'nx-cdk:deploy': { options: { concurrencyPerEnvironment: 3 } } },
  });
  await guest.write('.gitignore', 'node_modules\n.nx\n');
  await guest.shell('npm install --ignore-scripts');
  await guest.commit();

  await migrate();
  const { devDependencies, scripts } = await json('package.json');
  expect(devDependencies).toMatchObject({
    '@nx-cdk/environments': NEXT,
    '@nx-cdk/pipeline-walker': NEXT,
    nx: FIRST.nx,
    'nx-cdk': NEXT,
  });
  expect(scripts).toEqual({ ship: 'nx deploy shop --concurrencyPerTarget=2' });
  expect(await json('nx.json')).toMatchObject({
    plugins: ['nx-cdk/plugin', '@nx-cdk/pipeline-walker/plugin'],
    targetDefaults: { 'nx-cdk:deploy': { options: { concurrencyPerTarget: 3 } } },
  });

  await guest.commit();
  // The list of the first time is there still, for whoever runs it once more.
  await guest.nx('migrate --run-migrations', LOCAL);
  expect(await guest.changedLines()).toBe('');
});

/** Otherwise Nx installs its newest version first, to migrate with that. */
const LOCAL = { NX_MIGRATE_USE_LOCAL: 'true' };

/** As the documentation says it. */
async function migrate(): Promise<void> {
  await guest.nx('migrate nx-cdk@latest', LOCAL);
  await guest.shell('npm install --ignore-scripts');
  await guest.nx('migrate --run-migrations', LOCAL);
}

async function json(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(guest.root, file), 'utf8')) as Record<string, unknown>;
}

/** Copies of the packages, as a release names them and what they need of each other. @returns their folders */
async function asVersion(version: string): Promise<string[]> {
  const packages = await builtPackages();
  const names = packages.map(({ manifest }) => manifest.name);
  return Promise.all(
    packages.map(async ({ folder: built, manifest }) => {
      const copy = join(folder, 'next', manifest.name);
      await cp(built, copy, { recursive: true });
      const dependencies = Object.entries(manifest.dependencies ?? {}).map(([name, range]) => [
        name,
        names.includes(name) ? version : range,
      ]);
      const released: PackageManifest = { ...manifest, version, dependencies: Object.fromEntries(dependencies) };
      await writeFile(join(copy, 'package.json'), JSON.stringify(released));
      return copy;
    }),
  );
}
