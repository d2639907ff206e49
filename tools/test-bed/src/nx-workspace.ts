import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KEPT_CODE, QUICK_SYNTHESIS } from './clean-environment.ts';
import { type StartedProcess, startProcess } from './process.ts';
import { CHECKOUT } from './workspace-copy.ts';

/**
 * The environment variables that a program gets. Only these: the suite runs inside Nx and Jest, and a machine may have
 * any others set.
 */
const NEEDED = ['USER', 'LOGNAME', 'SHELL', 'LANG', 'TMPDIR'];

/** An Nx workspace with one CDK app, `shop`, and the plugin of this checkout. */
export interface NxWorkspace {
  readonly root: string;
  /** Folder of the app; its assembly is expected in `cdk.out` there. */
  readonly app: string;
  /** Runs a target of the app alone: its dependencies are left out, as in a pipeline's step. */
  nx(target: string, args: readonly string[], environment?: Readonly<Record<string, string>>): StartedProcess;
  /** The command line of the same, for those who bring their own terminal. */
  command(target: string, args: readonly string[]): readonly string[];
  environment(environment?: Readonly<Record<string, string>>): Record<string, string>;
}

export async function nxWorkspace(folder: string): Promise<NxWorkspace> {
  const app = join(folder, 'apps', 'shop');
  await mkdir(app, { recursive: true });
  await mkdir(join(folder, 'home'), { recursive: true });
  const json = (file: string, content: object) => writeFile(join(folder, file), JSON.stringify(content));
  await Promise.all([
    json('package.json', { name: 'scratch', private: true, type: 'module' }),
    json('nx.json', { analytics: false, neverConnectToCloud: true, plugins: ['nx-cdk/plugin'] }),
    json('apps/shop/cdk.json', { app: 'node app.mjs' }),
    json('apps/shop/package.json', { name: 'shop', private: true }),
    symlink(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules')),
  ]);
  const command = (target: string, args: readonly string[]) => [
    join(CHECKOUT, 'node_modules', '.bin', 'nx'),
    target,
    'shop',
    '--excludeTaskDependencies',
    ...args,
  ];
  const environment = (own: Readonly<Record<string, string>> = {}) => ({
    ...Object.fromEntries(
      NEEDED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    PATH: `${join(CHECKOUT, 'node_modules', '.bin')}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    HOME: join(folder, 'home'),
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    // Without credentials, the SDKs would ask the address of the EC2 metadata service and wait for it.
    AWS_EC2_METADATA_DISABLED: 'true',
    ...QUICK_SYNTHESIS,
    ...KEPT_CODE,
    ...own,
  });
  return {
    root: folder,
    app,
    command,
    environment,
    nx: (target, args, own) => {
      // Nobody is there to be asked.
      const [program, ...rest] = command(target, target.startsWith('deploy') ? [...args, '--yes'] : args);
      return startProcess(program!, rest, { cwd: folder, env: environment(own) });
    },
  };
}
