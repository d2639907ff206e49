import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '@nx-cdk/processes';
import { CHECKOUT, runProcess, startProcess, succeeded } from 'test-bed';

/** A registry on this machine. */
export interface Registry {
  /** Without a slash at its end. */
  readonly url: string;
  /** What an `.npmrc` has to say to lead npm and pnpm here; publishing takes any token. */
  readonly npmrc: string;
  stop(): Promise<void>;
}

/**
 * Starts a registry that takes the packages of this repository, and hands out all others from the registry that npm is
 * configured for.
 *
 * It is verdaccio itself and not `@nx/js:verdaccio`: that wants a file with the address of the other registry, and its
 * helper for Jest writes a token into the home folder's `.npmrc`.
 *
 * @param folder where it keeps what it has; made if it is not there
 */
export async function startRegistry(folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify(settings(folder, await configuredRegistry())));
  const address = `127.0.0.1:${await freePort()}`;
  const program = join(CHECKOUT, 'node_modules', '.bin', 'verdaccio');
  const server = startProcess(program, ['--config', file, '--listen', address], {
    cwd: folder,
    // It reaches the other registry as npm does here: by proxies and certificates that variables name.
    env: { ...(process.env as Record<string, string>), HOME: folder },
  });
  await server.wrote('http address');
  return {
    url: `http://${address}`,
    npmrc: `registry=http://${address}/\n//${address}/:_authToken=anybody\naudit=false\nfund=false\n`,
    stop: async () => {
      server.killAll('SIGTERM');
      await server.ended;
    },
  };
}

/** Publishes built packages. @param folders with a package.json each @throws UnexpectedExit if one is refused */
export async function publishTo(registry: Registry, folders: readonly string[], home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, '.npmrc'), registry.npmrc);
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  for (const cwd of folders) succeeded(await runProcess('npm', ['publish'], { cwd, env }));
}

/** Verdaccio's settings (https://www.verdaccio.org/docs/configuration), in JSON, which is YAML. */
function settings(folder: string, url: string): object {
  const ours = { access: '$all', publish: '$all' };
  return {
    storage: join(folder, 'storage'),
    uplinks: { configured: { url, maxage: '1d', timeout: '120s' } },
    packages: { 'nx-cdk': ours, '@nx-cdk/*': ours, '**': { access: '$all', proxy: 'configured' } },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
    web: { enable: false },
  };
}

/** Asked of npm with this process's own environment, which may configure it. */
async function configuredRegistry(): Promise<string> {
  const { stdout, failure } = await run('npm', ['config', 'get', 'registry'], { cwd: CHECKOUT });
  if (failure !== undefined) throw new Error(`npm does not say which registry it uses: ${failure}`);
  return stdout.trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
