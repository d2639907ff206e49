import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProxy, type AwsProxy } from 'aws-proxy';
import { startInstance, type LocalAws } from 'local-aws';
import { CommandRunner } from './command.ts';
import type { Surroundings } from './contenders.ts';
import { copyWorkspace } from './scratch-workspace.ts';
import { CI_ACCOUNT, PLACES, writeSmallStacksApp } from './small-stacks-app.ts';

/** Where the contenders meet: a local AWS behind a proxy that counts and delays, and a copy of this workspace. */
export interface Stage extends Surroundings {
  readonly proxy: AwsProxy;
  /** Empties every account and bootstraps those that the stacks go to, neither counted nor delayed. */
  freshAccounts(): Promise<void>;
  /** Replaces the app by one with another number of stacks. */
  writeApp(stacks: number): Promise<void>;
  /** Ends everything that was started and removes every file. May be called twice, and while something runs. */
  close(): Promise<void>;
}

export async function openStage(source: string, say: (line: string) => void): Promise<Stage> {
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
    aws = await withoutNewSignalHandlers(() =>
      startInstance({ directory: join(folder, 'aws'), managementAccount: CI_ACCOUNT, region: 'eu-west-1', log: say }),
    );
    proxy = await startProxy({ target: aws });
    say('Copying the workspace');
    const workspace = join(folder, 'workspace');
    await mkdir(workspace);
    await copyWorkspace(source, workspace);
    const app = join(workspace, 'apps', 'small-stacks');
    const home = join(folder, 'home');
    await mkdir(home);
    // Nobody's profile, plugins or caches: not of Nx, not of the CDK, not of the AWS SDK.
    const common = { HOME: home, AWS_ENDPOINT_URL: proxy.endpoint };
    const bootstrapper = aws;
    return {
      runner,
      proxy,
      workspace,
      app,
      project: 'small-stacks',
      environment: { ...aws.environment(CI_ACCOUNT), ...common },
      foreignEnvironment: { ...aws.foreignEnvironment(CI_ACCOUNT), ...common },
      writeApp: (stacks) => writeSmallStacksApp(app, stacks),
      freshAccounts: () => freshAccounts(bootstrapper, runner, workspace, home),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Takes back what `start` added to the handling of Ctrl-C: the local AWS ends the process at once, and a benchmark has more to clean up
 * than that.
 */
async function withoutNewSignalHandlers<T>(start: () => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  try {
    return await start();
  } finally {
    signals.forEach((signal, index) => {
      for (const listener of process.listeners(signal))
        if (!before[index]!.includes(listener)) process.off(signal, listener);
    });
  }
}

async function freshAccounts(aws: LocalAws, runner: CommandRunner, workspace: string, home: string): Promise<void> {
  await aws.reset();
  for (const { account, region } of PLACES)
    await runner.run({
      program: join(workspace, 'node_modules', '.bin', 'cdk'),
      args: [
        'bootstrap',
        `aws://${account}/${region}`,
        `--trust=${CI_ACCOUNT}`,
        '--cloudformation-execution-policies=arn:aws:iam::aws:policy/AdministratorAccess',
      ],
      // Not in the folder of an app: which accounts there are is said here.
      cwd: home,
      environment: { ...aws.foreignEnvironment(account), HOME: home },
    });
}
