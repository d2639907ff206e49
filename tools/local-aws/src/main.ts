#!/usr/bin/env node
import { join, resolve } from 'node:path';
import { EnvironmentsError } from '@libs/environments';
import { workspaceAccounts } from './accounts.ts';
import { clientEnvironment, foreignClientEnvironment, shellExports, writeEnvFile } from './client-environment.ts';
import { helpText, parseCommandLine, type CommandLine } from './command-line.ts';
import { reset, start, stop } from './instance.ts';
import { endpointOf, registryProxyOf, runningInstance } from './instance-state.ts';
import { isInterrupted } from './interruption.ts';
import { LocalAwsError } from './local-aws-error.ts';
import { defaultInstance, instanceFiles, locateInstance, workspaceRoot } from './locations.ts';
import { writeAuthorityBundles } from './authority-bundles.ts';

const defaultPort = 4566;

/**
 * Runs one command; returns the exit code. What is meant for people goes to stderr, so that `env` prints nothing but
 * exports.
 */
async function run(line: CommandLine): Promise<number> {
  const say = (text: string) => console.error(text);
  const location = locateInstance({ name: line.instance, directory: line.directory });
  const { directory } = location;

  switch (line.command) {
    case 'start': {
      const accounts = workspaceAccounts();
      const requestLog = process.env['LOCAL_AWS_REQUEST_LOG'];
      const { state, alreadyRunning } = await start(
        {
          directory,
          port: line.port ?? defaultPort,
          managementAccount: accounts.management,
          region: accounts.region,
          signing: accounts.signing,
          requestLog: requestLog && resolve(requestLog),
        },
        say,
      );
      const endpoint = endpointOf(state);
      if (alreadyRunning && line.port && line.port !== state.port)
        throw new LocalAwsError(
          'PortInUse',
          `The local AWS runs already, on port ${state.port}: stop it first to have it on port ${line.port}, or start another with --instance=<name>.`,
        );
      if (location.name === defaultInstance)
        await writeEnvFile(
          join(workspaceRoot(), '.env.local-aws'),
          clientEnvironment({
            endpoint,
            registryProxy: registryProxyOf(state),
            directory,
            account: accounts.management,
            region: accounts.region,
          }),
        );
      say(
        alreadyRunning
          ? `The local AWS runs already: ${endpoint} (since ${state.since})`
          : `The local AWS is ready: ${endpoint}`,
      );
      return 0;
    }
    case 'stop':
      say((await stop(directory)) ? 'The local AWS is stopped' : 'The local AWS is not running');
      return 0;
    case 'status': {
      const state = await runningInstance(directory);
      if (!state) {
        console.log('not running');
        return 1;
      }
      console.log(
        [
          `running   ${endpointOf(state)}`,
          `since     ${state.since}`,
          `pid       ${state.pid}`,
          `accounts  ${workspaceAccounts().all.join(', ')} (any other 12 digits are an account too)`,
          `log       ${instanceFiles(directory).log}`,
        ].join('\n'),
      );
      return 0;
    }
    case 'reset':
      say(`Every account of the local AWS is empty: ${endpointOf(await reset(directory))}`);
      return 0;
    case 'env': {
      const state = await runningInstance(directory);
      if (!state)
        throw new LocalAwsError(
          'NotRunning',
          'The local AWS is not running: start it with "npx nx run local-aws:start".',
        );
      await writeAuthorityBundles(directory);
      const accounts = workspaceAccounts();
      const account = line.account ?? accounts.management;
      console.log(
        shellExports(
          foreignClientEnvironment({
            endpoint: endpointOf(state),
            registryProxy: registryProxyOf(state),
            directory,
            account,
            region: accounts.region,
          }),
        ),
      );
      return 0;
    }
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  try {
    const line = parseCommandLine(args);
    if (line.help) console.log(helpText(line.command));
    else process.exitCode = await run(line as CommandLine);
  } catch (error) {
    if (isInterrupted()) return;
    const forPeople =
      (error instanceof LocalAwsError || error instanceof EnvironmentsError) && !args.includes('--verbose');
    console.error(forPeople ? error.message : error);
    process.exitCode = 1;
  }
}

await main();
