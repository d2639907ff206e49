import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '@nx-cdk/processes';
import { KNOWN_COMMANDS } from 'nx-cdk/src/stock-cli/index.ts';
import { WORKSPACE_ROOT } from './workspace-root.ts';

/** Where each command and option of the CDK CLI has a row. */
const PAGE = join(WORKSPACE_ROOT, 'docs', 'stock-cli.md');

/** The help breaks a line at this many characters, in the middle of a longer name. */
const BROKEN_AT = 38;

const CLI = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** What `cdk <command> --help` says. */
async function helpOf(...command: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    CDK_NOTICES: 'false',
    CDK_CLI_TELEMETRY: 'false',
  };
  const { stdout, stderr, code } = await run(process.execPath, [CLI, ...command, '--help'], { env });
  expect({ command, code }).toEqual({ command, code: 0 });
  return `${stdout}${stderr}`;
}

const commandsIn = (help: string) => [...help.matchAll(/^ {2}cdk ([a-z-]+)/gm)].map(([, name]) => name!);
const optionsIn = (help: string) => [...help.matchAll(/^ {2}(--[a-z0-9-]+)/gm)].map(([, name]) => name!);

/** Rows of the tables below a heading, each cell as what stands in backticks in it. */
function rows(heading: string): string[][][] {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split(`\n### ${heading}\n`);
  const lines = section.split('\n### ')[0]!.split('\n');
  const inTable = lines.filter((line) => line.startsWith('| `'));
  return inTable.map((line) =>
    line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)),
  );
}

/** Those that no row names; a name that the help has broken is known by its beginning. */
function missing(wanted: readonly string[], documented: readonly string[]): string[] {
  const isThere = (name: string) =>
    documented.some((one) => one === name || (name.length >= BROKEN_AT && one.startsWith(name)));
  return wanted.filter((name) => !isThere(name));
}

test('each command of the CDK CLI and each of its options has a row, and no other has', async () => {
  // given
  const general = await helpOf();
  const commands = commandsIn(general);
  const common = optionsIn(general);
  expect(commands.length).toBeGreaterThan(20);
  expect(common.length).toBeGreaterThan(20);

  // then
  const documented = rows('Commands').flatMap(([, names]) => names!);
  expect(documented.toSorted()).toEqual(commands.toSorted());
  const documentedForAll = rows('Options of all commands').flatMap(([, names]) => names!);
  expect(missing(common, documentedForAll)).toEqual([]);

  // and
  const ofCommands = rows('Options of a command');
  const { default: pLimit } = await import('p-limit');
  const atATime = pLimit(4);
  const without = await Promise.all(
    commands.map((command) =>
      atATime(async () => {
        // Options of all commands are in each help; some commands have one of the same name.
        const own = optionsIn(await helpOf(command)).filter((name) => !common.includes(name));
        const named = ofCommands.filter(([, names]) => names?.[0] === command).flatMap(([, , options]) => options!);
        return missing(own, named).map((option) => `${command} ${option}`);
      }),
    ),
  );
  expect(without.flat()).toEqual([]);
}, 300_000);

test('this project knows what each command does', async () => {
  const commands = rows('Commands').flatMap(([, names]) => names!);
  expect(missing(commands, [...KNOWN_COMMANDS, 'watch'])).toEqual([]);
});
