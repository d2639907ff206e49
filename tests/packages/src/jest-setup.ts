import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from 'test-bed';
import setUpLocalAws from 'test-bed/jest-setup';
import { builtPackages } from './packages.ts';
import { publishTo, type Registry, startRegistry } from './registry.ts';

let registry: Registry | undefined;

/** Jest's `globalSetup`: the packages are published once, to a registry that all suites install from. */
export default async function setUp(): Promise<void> {
  setUpLocalAws();
  const folder = await temporaryFolder('registry-');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  registry = await startRegistry(folder);
  const folders = (await builtPackages()).map((built) => built.folder);
  await publishTo(registry, folders, join(folder, 'home'));
  process.env['PACKAGE_TESTS_NPMRC'] = registry.npmrc;
}

/** Jest's `globalTeardown`, which gets this module as `globalSetup` does. */
export async function tearDown(): Promise<void> {
  await registry?.stop();
}
