#!/usr/bin/env node
import { writeAuthorityBundles } from './authority-bundles.ts';
import { foreignClientEnvironment, shellExports } from './client-environment.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { requireRunning, reset, stop } from './instance.ts';
import { interruptible } from './interruptible.ts';
import { sentenceOf } from './local-aws-error.ts';
import { instanceFiles, locateInstance } from './locations.ts';
import { describePlaceholders, listPlaceholders } from './placeholders.ts';
import { runningInstance } from './running-instance.ts';
import { up } from './up/index.ts';
import { isDefaultInstance, startInWorkspace, workspaceSettings } from './workspace-instance.ts';

/** Messages go to stderr, so that `env` prints nothing but exports. */
const say = (text: string) => console.error(text);

const COMMANDS: Record<CommandLine['command'], (directory: string, line: CommandLine) => Promise<unknown>> = {
  async start(directory, line) {
    const where = { directory, port: line.port, strict: line.strict, isDefault: isDefaultInstance(line) };
    const { instance, alreadyRunning } = await interruptible((signal) => startInWorkspace(where, say, signal));
    const { endpoint, since } = instance;
    say(
      alreadyRunning
        ? `The local AWS runs already: ${endpoint} (since ${since})`
        : `The local AWS is ready: ${endpoint}`,
    );
  },

  async up(_, line) {
    process.exitCode = await up(line);
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
    const { accounts } = workspaceSettings();
    console.log(
      [
        `running   ${instance.endpoint}`,
        `since     ${instance.since}`,
        ...(instance.strict ? ['strict    unknown resource types are refused'] : []),
        `pid       ${instance.pid}`,
        `accounts  ${accounts.join(', ')} (any other 12 digits are an account too)`,
        `log       ${instanceFiles(directory).log}`,
      ].join('\n'),
    );
  },

  async reset(directory) {
    say(`Every account of the local AWS is empty: ${await reset(directory)}`);
  },

  async placeholders(directory) {
    console.log(describePlaceholders(await listPlaceholders(await requireRunning(directory))));
  },

  async env(directory, { account }) {
    const instance = await requireRunning(directory);
    await writeAuthorityBundles(directory);
    const { caller } = workspaceSettings();
    const target = { ...instance, account: account ?? caller.account, region: caller.region };
    console.log(shellExports(foreignClientEnvironment(target)));
  },
};

try {
  const line = parseCommandLine(process.argv.slice(2));
  if (typeof line === 'string') console.log(line);
  else await COMMANDS[line.command](locateInstance(line), line);
} catch (error) {
  const sentence = process.argv.includes('--verbose') ? undefined : sentenceOf(error);
  console.error(sentence ?? error);
  process.exitCode = 1;
}
