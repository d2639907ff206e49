#!/usr/bin/env node
import { constants } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENTS_FILE, EnvironmentsError, allTargets, readEnvironments } from '@nx-cdk/environments';
import { writeAuthorityBundles } from './authority-bundles.ts';
import { clientEnvironment, foreignClientEnvironment, shellExports, writeEnvFile } from './client-environment.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { requireRunning, reset, start, stop } from './instance.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { DEFAULT_INSTANCE, WORKSPACE_ROOT, instanceFiles, locateInstance } from './locations.ts';
import { runningInstance } from './running-instance.ts';

const DEFAULT_PORT = 4566;

const environments = () => readEnvironments(join(WORKSPACE_ROOT, ENVIRONMENTS_FILE));

/** Messages go to stderr, so that `env` prints nothing but exports. */
const say = (text: string) => console.error(text);

const COMMANDS: Record<CommandLine['command'], (directory: string, line: CommandLine) => Promise<unknown>> = {
  async start(directory, line) {
    const { ci, signing } = environments();
    const options = {
      directory,
      port: line.port ?? DEFAULT_PORT,
      managementAccount: ci.account,
      region: ci.region,
      signing,
    };
    const { instance, alreadyRunning } = await interruptible((signal) => start(options, say, signal));
    const { endpoint, since } = instance;
    if (alreadyRunning && line.port && line.port !== instance.port)
      throw new LocalAwsError(
        'PortInUse',
        `The local AWS runs already, on port ${instance.port}: stop it first to have it on port ${line.port}, or start another with --instance=<name>.`,
      );
    if (line.directory === undefined && (line.instance ?? DEFAULT_INSTANCE) === DEFAULT_INSTANCE)
      await writeEnvFile(join(WORKSPACE_ROOT, '.env.local-aws'), clientEnvironment({ ...instance, ...ci }));
    say(
      alreadyRunning
        ? `The local AWS runs already: ${endpoint} (since ${since})`
        : `The local AWS is ready: ${endpoint}`,
    );
  },

  async stop(directory) {
    say((await stop(directory)) ? 'The local AWS is stopped' : 'The local AWS is not running');
  },

  async status(directory) {
    const instance = await runningInstance(directory);
    if (!instance) {
      console.log('not running');
      process.exitCode = 1;
      return;
    }
    const settings = environments();
    const accounts = new Set([settings.ci, ...allTargets(settings)].map(({ account }) => account));
    console.log(
      [
        `running   ${instance.endpoint}`,
        `since     ${instance.since}`,
        `pid       ${instance.pid}`,
        `accounts  ${[...accounts].join(', ')} (any other 12 digits are an account too)`,
        `log       ${instanceFiles(directory).log}`,
      ].join('\n'),
    );
  },

  async reset(directory) {
    say(`Every account of the local AWS is empty: ${await reset(directory)}`);
  },

  async env(directory, { account }) {
    const instance = await requireRunning(directory);
    await writeAuthorityBundles(directory);
    const { ci } = environments();
    const target = { ...instance, account: account ?? ci.account, region: ci.region };
    console.log(shellExports(foreignClientEnvironment(target)));
  },
};

/** Aborts the work on Ctrl-C and the like, and exits as shells expect once it has cleaned up: 128 + the signal. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => controller.abort(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    const { aborted, reason } = controller.signal;
    if (aborted) process.exit(128 + constants.signals[reason as NodeJS.Signals]);
    for (const signal of signals) process.off(signal, interrupt);
  }
}

try {
  const line = parseCommandLine(process.argv.slice(2));
  if (typeof line === 'string') console.log(line);
  else await COMMANDS[line.command](locateInstance(line), line);
} catch (error) {
  const known = error instanceof LocalAwsError || error instanceof EnvironmentsError;
  console.error(known && !process.argv.includes('--verbose') ? error.message : error);
  process.exitCode = 1;
}
