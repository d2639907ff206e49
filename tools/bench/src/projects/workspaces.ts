import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, run as runTool } from '@nx-cdk/processes';
import { CHECKOUT, copyWorkspace, ENVIRONMENTS } from 'test-bed';
import { run } from '../command.ts';

/** The project of the plugin, and those that it depends on. */
const PACKAGES = ['processes', 'environments', 'nx-cdk'];

/** Two workspaces that differ in the plugins of their nx.json alone. */
export interface Workspaces {
  readonly withPlugin: string;
  readonly withoutPlugin: string;
}

/**
 * Makes workspaces of somebody else, with packages that are built of this one and installed. Their apps are projects
 * without the plugin too.
 *
 * @param folder what they are made in
 * @param apps how many CDK apps they have; each names the environments file
 * @param version of Nx
 */
export async function makeWorkspaces(folder: string, apps: number, version: string): Promise<Workspaces> {
  const [withPlugin, withoutPlugin] = [join(folder, 'with'), join(folder, 'without')];
  await mkdir(withPlugin);
  const write = (root: string, file: string, content: object) =>
    writeFile(join(root, file), JSON.stringify(content, undefined, 2));
  await write(withPlugin, 'package.json', {
    name: 'acme',
    private: true,
    workspaces: ['apps/*'],
    devDependencies: { nx: version, '@nx/devkit': version },
  });
  await write(withPlugin, 'environments.json', { ...ENVIRONMENTS, $schema: undefined });
  for (let number = 1; number <= apps; number += 1) {
    const app = join('apps', `app-${number}`);
    await mkdir(join(withPlugin, app), { recursive: true });
    await write(withPlugin, join(app, 'package.json'), { name: `app-${number}`, private: true });
    const context = { 'nx-cdk:environments': '../../environments.json' };
    await write(withPlugin, join(app, 'cdk.json'), { app: 'node app.js', context });
  }
  await writeFile(join(withPlugin, '.gitignore'), 'node_modules\n.nx\n');
  await install(withPlugin, await tarballs(folder));
  // Nx asks git which files there are.
  await git(withPlugin, ['init', '--quiet']);
  await copyWorkspace(withPlugin, withoutPlugin);
  await git(withoutPlugin, ['init', '--quiet']);
  await write(withPlugin, 'nx.json', { analytics: false, plugins: ['nx-cdk/plugin'] });
  await write(withoutPlugin, 'nx.json', { analytics: false });
  return { withPlugin, withoutPlugin };
}

/** Builds and packs the packages. @returns files */
async function tarballs(folder: string): Promise<string[]> {
  const packed = join(folder, 'packed');
  await mkdir(packed);
  const program = join(CHECKOUT, 'node_modules', '.bin', 'nx');
  const environment = { NX_DAEMON: 'false', NX_TUI: 'false' };
  await run({ program, args: ['run-many', '-t', 'package', '-p', PACKAGES.join()], cwd: CHECKOUT, environment });
  const folders = PACKAGES.map((project) => join(CHECKOUT, 'dist', 'packages', project));
  await npm(packed, ['pack', '--ignore-scripts', ...folders]);
  return (await readdir(packed)).map((file) => join(packed, file));
}

function install(root: string, files: readonly string[]): Promise<void> {
  return npm(root, ['install', '--save-dev', '--ignore-scripts', '--no-audit', '--no-fund', ...files]);
}

/** With this process's own environment, which may say where npm finds packages. */
async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const { failure, lastLines } = await runTool('npm', args, { cwd });
  if (failure !== undefined) throw new Error(`npm ${args[0]} failed: ${failure}\n${lastLines.join('\n')}`);
}
