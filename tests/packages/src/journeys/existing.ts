import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestBed } from 'test-bed';
import type { Guest } from '../guest.ts';
import { addTwice } from './add.ts';
import { deliver } from './deliver.ts';
import { shipByCi } from './ship-by-ci.ts';
import { cdkInit } from './stock-app.ts';

/** An Nx workspace with an app that `cdk init` has written gets the plugin. */
export async function existingWorkspace(guest: Guest, bed: TestBed): Promise<void> {
  await writeWorkspace(guest);
  await cdkInit(guest, 'apps/shop', 'typescript');
  await fitIntoWorkspace(guest, 'apps/shop');
  await guest.shell({ npm: 'npm install', pnpm: 'pnpm install', yarn: 'yarn install' }[guest.cell.manager]);
  await addTwice(guest);
  await deliver(guest, bed, 'shop');
  await shipByCi(guest, bed);
}

async function writeWorkspace(guest: Guest): Promise<void> {
  const { manager, nx } = guest.cell;
  await guest.write('package.json', {
    name: 'acme',
    version: '0.0.0',
    private: true,
    ...(manager === 'pnpm' ? {} : { workspaces: ['apps/*'] }),
    devDependencies: { nx },
  });
  if (manager === 'pnpm') await guest.write('pnpm-workspace.yaml', 'packages:\n  - apps/*\n');
  // Yarn takes a folder without a lockfile for part of a project further up.
  if (manager === 'yarn') await guest.write('yarn.lock', '');
  await guest.write('nx.json', { $schema: './node_modules/nx/schemas/nx-schema.json', analytics: false });
  await guest.write('.gitignore', 'node_modules\n.nx\n.yarn\n');
}

/**
 * Leaves out Jest, which is a third of what the app installs and has no part in what is tried, and lets tsc look for
 * types where a workspace has them: CDK's template names a folder of the app alone.
 */
async function fitIntoWorkspace(guest: Guest, folder: string): Promise<void> {
  const read = async <Content>(file: string) =>
    JSON.parse(await readFile(join(guest.root, folder, file), 'utf8')) as Content;
  type Packages = Record<string, string>;
  const manifest = await read<{ dependencies: Packages; devDependencies: Packages }>('package.json');
  const kept = Object.entries(manifest.devDependencies).filter(([name]) => !name.includes('jest'));
  const { library = manifest.dependencies['aws-cdk-lib'] } = guest.cell;
  await guest.write(`${folder}/package.json`, {
    ...manifest,
    dependencies: { ...manifest.dependencies, 'aws-cdk-lib': library },
    devDependencies: Object.fromEntries(kept),
  });
  const { compilerOptions, ...others } = await read<{ compilerOptions: object }>('tsconfig.json');
  const options = Object.entries(compilerOptions).filter(([name]) => name !== 'typeRoots');
  const exclude = ['node_modules', 'cdk.out', 'test'];
  await guest.write(`${folder}/tsconfig.json`, {
    ...others,
    compilerOptions: { ...Object.fromEntries(options), types: ['node'] },
    exclude,
  });
}
