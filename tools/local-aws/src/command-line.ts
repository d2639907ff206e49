import { parseArgs } from 'node:util';
import { LocalAwsError } from './local-aws-error.ts';

const OPTIONS = {
  port: '--port=<number>       where it listens on 127.0.0.1; 0 for any free port (default 4566)',
  account: '--account=<12 digits> whose root key to print (default: the CI account of environments.json)',
  instance: '--instance=<name>     which instance, to run several side by side (default "default")',
  directory: '--directory=<path>    an instance in a directory of its own instead of .local-aws/<name>',
  strict:
    '--strict              refuse resource types that the local AWS does not know, instead of placeholders for them',
  verbose: '--verbose             print the stack trace of an error',
};

interface Usage {
  readonly what: string;
  /** Names that come after it. @default none */
  readonly names?: string;
  /** Its own options, besides those of all commands. @default none */
  readonly options?: readonly (keyof typeof OPTIONS)[];
}

const COMMANDS = {
  start: {
    what: 'Starts the local AWS in the background, and installs it first if needed. LOCAL_AWS_PYTHON names the Python to use.',
    options: ['port', 'strict'],
  },
  up: {
    what: 'Starts it if it does not run, bootstraps and deploys CDK apps, and calls each output ApiUrl.',
    names: '<project...>',
    options: ['port'],
  },
  stop: { what: 'Stops it. Says so if it is not running, which is no error.' },
  status: { what: 'Says whether it runs, where, and since when. Exit code 0 when it runs, 1 when it does not.' },
  reset: { what: 'Empties every account. Port, certificate and process stay.' },
  placeholders: {
    what: 'Lists the resources with nothing behind them, since the local AWS does not know their types.',
  },
  env: {
    what: 'Prints the exports that point aws and cdk at it, for eval "$(npx local-aws env)".',
    options: ['account'],
  },
} satisfies Record<string, Usage>;

export type Command = keyof typeof COMMANDS;

export const commands = Object.keys(COMMANDS) as Command[];

export interface CommandLine {
  readonly command: Command;
  readonly port?: number;
  readonly instance?: string;
  readonly directory?: string;
  readonly account?: string;
  readonly verbose?: boolean;
  /** Of `start`. */
  readonly strict?: boolean;
  /** Of `up`. */
  readonly projects: readonly string[];
}

/** The help of one command, or of all. */
function helpText(command?: Command): string {
  if (!command)
    return [
      'Usage: local-aws <command> [options]',
      '',
      ...commands.map((name) => `  ${name.padEnd(14)}${COMMANDS[name].what}`),
      '',
      'local-aws <command> --help tells more.',
    ].join('\n');
  const { what, names, options: own = [] }: Usage = COMMANDS[command];
  const options = [...own, 'instance', 'directory', 'verbose'] as const;
  const usage = ['local-aws', command, ...(names === undefined ? [] : [names]), '[options]'].join(' ');
  return [`Usage: ${usage}`, '', what, '', ...options.map((name) => `  ${OPTIONS[name]}`)].join('\n');
}

/**
 * Reads the command line.
 *
 * @returns what to do, or the help that was asked for
 * @throws LocalAwsError `BadOption`
 */
export function parseCommandLine(args: string[]): CommandLine | string {
  const { values, positionals } = parse(args);
  const { help, instance, directory, account, strict } = values;
  const [first, ...rest] = positionals;
  if (first === undefined && help) return helpText();
  const command = commands.find((name) => name === first);
  if (command === undefined || (rest.length > 0 && command !== 'up')) {
    const found = first === undefined ? 'No command' : `"${positionals.join(' ')}" is no command`;
    throw badOption(`${found}: use one of ${commands.join(', ')}.`);
  }
  if (help) return helpText(command);
  if (command === 'up' && rest.length === 0)
    throw badOption('up needs a project: name the CDK apps to deploy, such as "local-aws up infra".');
  if (account !== undefined && !/^\d{12}$/.test(account))
    throw badOption(`--account=${account} is no account id: use 12 digits.`);
  const port = parsePort(values.port);
  return { command, instance, directory, account, strict, verbose: values.verbose, port, projects: rest };
}

/**
 * Reads the value of `--port`.
 *
 * @throws LocalAwsError `BadOption`
 */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw badOption(`--port=${text} is no port: use a number from 0 to 65535.`);
}

function parse(args: string[]) {
  const type = 'string' as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    help: { ...flag, short: 'h' },
    verbose: flag,
    port: { type },
    instance: { type },
    directory: { type },
    account: { type },
    strict: flag,
  };
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (cause) {
    throw badOption(`${(cause as Error).message.split('.')[0]}; "local-aws --help" tells what there is.`, cause);
  }
}

function badOption(message: string, cause?: unknown): LocalAwsError {
  return new LocalAwsError('BadOption', message, { cause });
}
