import { parseArgs } from 'node:util';
import { Failure } from '../failure/index.ts';

/** An option of a command, as `--help` shows it. */
export interface CliOption {
  readonly name: string;
  /** What stands for its value in the help. @default - a switch, which takes none */
  readonly value?: string;
  readonly description: string;
  /** Whether the command cannot do without. @default false */
  readonly required?: boolean;
}

/** What a command works with. */
export interface Invocation {
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Names of the switches that are on. */
  readonly switches: ReadonlySet<string>;
  /** Where it was called. */
  readonly folder: string;
  /** Standard output: the result and nothing else, so that a shell can take it as it is. */
  readonly print: (line: string) => void;
  /** Standard error: everything people should know. */
  readonly explain: (line: string) => void;
}

/** A command of `nx-cdk`. */
export interface CliCommand {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What else there is to say of it in its own help, a line each. */
  readonly details: readonly string[];
  readonly options: readonly CliOption[];
  run(invocation: Invocation): Promise<void>;
}

/**
 * The options and switches of a command line.
 *
 * @throws Failure `Usage` for an option that the command does not have, one without its value, or one that is missing
 */
export function parseOptions(command: CliCommand, args: readonly string[]): Pick<Invocation, 'options' | 'switches'> {
  const options = Object.fromEntries(
    command.options.map(({ name, value }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    values = { ...parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values };
  } catch (cause) {
    // Node's own words end with an advice on what is no option; which options there are helps more.
    const [said = ''] = (cause as Error).message.split(/[.\n]/);
    throw new Failure('Usage', { what: said, next: `nx-cdk ${command.name} --help shows the options` }, { cause });
  }
  for (const { name, value, required } of command.options) {
    if (required && !values[name]) {
      const what = `nx-cdk ${command.name} needs --${name}=${value}`;
      throw new Failure('Usage', { what, next: `nx-cdk ${command.name} --help says more` });
    }
    // An empty shell variable is no name.
    if (values[name] === '') {
      throw new Failure('Usage', { what: `--${name} is empty`, next: 'give it a value or leave it out' });
    }
  }
  const given = Object.entries(values);
  return {
    options: Object.fromEntries(given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
    switches: new Set(given.flatMap(([name, value]) => (value === true ? [name] : []))),
  };
}

/** What `nx-cdk --help` shows. */
export function generalHelp(commands: readonly CliCommand[]): string {
  return [
    'Usage: nx-cdk <command> [options]',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'nx-cdk <command> --help shows the options of a command.',
  ].join('\n');
}

/** What `nx-cdk <command> --help` shows. */
export function commandHelp(command: CliCommand): string {
  const required = command.options.filter((option) => option.required).map(({ name, value }) => ` --${name}=${value}`);
  return [
    `Usage: nx-cdk ${command.name}${required.join('')} [options]`,
    '',
    command.summary,
    ...command.details,
    '',
    'Options:',
    ...columns(
      command.options.map(({ name, value, description }) => [
        value === undefined ? `--${name}` : `--${name}=${value}`,
        description,
      ]),
    ),
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
