import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProxy, type AwsProxy } from 'aws-proxy';
import { startInstance, type LocalAws } from 'local-aws';
import { bootstrap, CI_ACCOUNT, type Place } from './accounts.ts';
import { CommandRunner } from './command.ts';
import { copyWorkspace } from './scratch-workspace.ts';
import type { Surroundings } from './surroundings.ts';

/** What the contenders run against: a local AWS behind a proxy that counts and delays, and a copy of this workspace. */
export interface Stage {
  readonly runner: CommandRunner;
  readonly aws: LocalAws;
  readonly proxy: AwsProxy;
  /** For whatever a comparison needs beside the workspace. */
  readonly folder: string;
  /** What contenders work with; the app's folder need not be there yet. */
  forApp(project: string): Surroundings;
  /** Empties every account and bootstraps these, neither counted nor delayed. */
  freshAccounts(targets: readonly Place[]): Promise<void>;
  /** Ends everything that was started and removes every file. May be called twice, and while something runs. */
  close(): Promise<void>;
}

/**
 * @param options `logRequests`: the local AWS writes down each request, also those that do not come through the proxy
 */
export async function openStage(
  source: string,
  say: (line: string) => void,
  options: { readonly logRequests?: boolean } = {},
): Promise<Stage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bench-')));
  const runner = new CommandRunner();
  let aws: LocalAws | undefined;
  let proxy: AwsProxy | undefined;
  const close = async () => {
    runner.kill();
    await proxy?.close().catch(() => undefined);
    await aws?.stop().catch(() => undefined);
    // Helpers of Nx that lost their parent need a moment to end, and may write until then.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };

  try {
    say('Starting a local AWS');
    const local = (aws = await startInstance({
      directory: join(folder, 'aws'),
      managementAccount: CI_ACCOUNT,
      region: 'eu-west-1',
      logRequests: options.logRequests ?? false,
      log: say,
    }));
    const { endpoint } = (proxy = await startProxy(local));
    say('Copying the workspace');
    const workspace = join(folder, 'workspace');
    await mkdir(workspace);
    await copyWorkspace(source, workspace);
    const home = join(folder, 'home');
    await mkdir(home);
    // Nobody's profile, plugins or caches: not of Nx, not of the CDK, not of the AWS SDK.
    const common = { HOME: home, AWS_ENDPOINT_URL: endpoint };
    return {
      runner,
      aws: local,
      proxy,
      folder,
      forApp: (project) => ({
        runner,
        workspace,
        app: join(workspace, 'apps', project),
        project,
        environment: { ...local.environment(CI_ACCOUNT), ...common },
        foreignEnvironment: { ...local.foreignEnvironment(CI_ACCOUNT), ...common },
      }),
      freshAccounts: async (targets) => {
        await local.reset();
        await bootstrap(local, workspace, targets);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
