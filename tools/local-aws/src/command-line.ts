import { parseArgs } from 'node:util';
import { LocalAwsError } from './local-aws-error.ts';

export const commands = ['start', 'stop', 'status', 'reset', 'env'] as const;
export type Command = (typeof commands)[number];

export interface CommandLine {
  readonly command: Command;
  readonly help: boolean;
  readonly port?: number;
  readonly instance?: string;
  readonly directory?: string;
  readonly account?: string;
  readonly verbose: boolean;
}

const usage: Record<Command, { what: string; options: readonly (keyof typeof optionTexts)[] }> = {
  start: {
    what: 'Starts the local AWS in the background, and installs it first where that is needed. LOCAL_AWS_PYTHON names the Python to use, LOCAL_AWS_REQUEST_LOG a file to count requests in.',
    options: ['port'],
  },
  stop: { what: 'Stops it. Says so where it is not running, which is no error.', options: [] },
  status: {
    what: 'Says whether it runs, where, and since when. Exit code 0 when it runs, 1 when it does not.',
    options: [],
  },
  reset: { what: 'Empties every account. Port, certificate and process stay.', options: [] },
  env: {
    what: 'Prints the exports that point aws and cdk at it, for eval "$(npx local-aws env)".',
    options: ['account'],
  },
};

const optionTexts = {
  port: '--port=<number>       where it listens on 127.0.0.1; 0 for any free port (default 4566)',
  account: '--account=<12 digits> whose root key to print (default: the CI account of environments.json)',
  instance: '--instance=<name>     which instance, to run several side by side (default "default")',
  directory: '--directory=<path>    an instance in a directory of its own instead of .local-aws/<name>',
  verbose: '--verbose             print the stack trace of an error',
};

/** The help of one command, or of all. */
export function helpText(command?: Command): string {
  if (!command)
    return [
      'Usage: local-aws <command> [options]',
      '',
      ...commands.map((name) => `  ${name.padEnd(8)}${usage[name].what}`),
      '',
      'local-aws <command> --help tells more.',
    ].join('\n');
  const options = [...usage[command].options, 'instance', 'directory', 'verbose'] as const;
  return [
    `Usage: local-aws ${command} [options]`,
    '',
    usage[command].what,
    '',
    ...options.map((name) => `  ${optionTexts[name]}`),
  ].join('\n');
}

/**
 * Reads the command line.
 *
 * @throws LocalAwsError `BadOption`
 */
export function parseCommandLine(args: readonly string[]): CommandLine | { help: true; command?: undefined } {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (command === undefined && values.help) return { help: true };
  if (!isCommand(command) || rest.length)
    throw new LocalAwsError(
      'BadOption',
      `${command === undefined ? 'No command' : `"${positionals.join(' ')}" is no command`}: use one of ${commands.join(', ')}.`,
    );
  return {
    command,
    help: values.help ?? false,
    verbose: values.verbose ?? false,
    port: portOf(values.port),
    instance: values.instance,
    directory: values.directory,
    account: accountOf(values.account),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        verbose: { type: 'boolean' },
        port: { type: 'string' },
        instance: { type: 'string' },
        directory: { type: 'string' },
        account: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new LocalAwsError(
      'BadOption',
      `${(cause as Error).message.split('.')[0]}; "local-aws --help" tells what there is.`,
      { cause },
    );
  }
}

function isCommand(value: string | undefined): value is Command {
  return (commands as readonly (string | undefined)[]).includes(value);
}

function portOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535)
    throw new LocalAwsError('BadOption', `--port=${value} is no port: use a number from 0 to 65535.`);
  return port;
}

function accountOf(value: string | undefined): string | undefined {
  if (value !== undefined && !/^\d{12}$/.test(value))
    throw new LocalAwsError('BadOption', `--account=${value} is no account id: use 12 digits.`);
  return value;
}
