import { parseArgs } from 'node:util';
import { Failure } from '../failure/index.ts';

/** An option of a command, as `--help` shows it. */
export interface CliOption {
  /** What stands for its value in the help. @default - a switch, which takes none */
  readonly value?: string;
  readonly description: string;
  /** @default false */
  readonly required?: boolean;
}

/** What a command works with. */
export interface Invocation {
  /** By name; `true` for a switch that is on. */
  readonly options: Readonly<Record<string, string | undefined>>;
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
  /** Further lines of its own help. */
  readonly details: readonly string[];
  /** By name. */
  readonly options: Readonly<Record<string, CliOption>>;
  run(invocation: Invocation): Promise<void>;
}

/**
 * The options of a command line.
 *
 * @throws Failure `Usage` for an option that the command does not have, one without its value, or one that is missing
 */
export function parseOptions({ name: command, ...known }: CliCommand, args: readonly string[]): Invocation['options'] {
  const config = Object.entries(known.options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    values = { ...parseArgs({ args: [...args], options: Object.fromEntries(config) }).values };
  } catch (cause) {
    // Node's own words end with an advice on what is no option; which options there are helps more.
    const [said = ''] = (cause as Error).message.split(/[.\n]/);
    throw new Failure('Usage', { what: said, next: `nx-cdk ${command} --help shows the options` }, { cause });
  }
  for (const [name, { value, required }] of Object.entries(known.options)) {
    if (required && !values[name]) {
      const what = `nx-cdk ${command} needs --${name}=${value}`;
      throw new Failure('Usage', { what, next: `nx-cdk ${command} --help says more` });
    }
    // An empty shell variable is no name.
    if (values[name] === '') {
      throw new Failure('Usage', { what: `--${name} is empty`, next: 'give it a value or leave it out' });
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
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
export function commandHelp({ name: command, summary, details, options }: CliCommand): string {
  const usages = Object.entries(options).map(([name, option]) => {
    const usage = option.value === undefined ? `--${name}` : `--${name}=${option.value}`;
    return { usage, ...option };
  });
  const required = usages.filter((option) => option.required).map(({ usage }) => ` ${usage}`);
  return [
    `Usage: nx-cdk ${command}${required.join('')} [options]`,
    '',
    summary,
    ...details,
    '',
    'Options:',
    ...columns(usages.map(({ usage, description }) => [usage, description])),
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
