import { basename } from 'node:path';

/** What the plugin wants to know of the command that loaded it, and is not told. */
export interface CommandLine {
  /** Context values, as `-c key=value` gives them. */
  readonly context: Readonly<Record<string, string>>;
  /** `--profile` of the CDK CLI. */
  readonly profile?: string;
  /** Whether the CDK CLI was asked for something that changes an account. */
  readonly writes: boolean;
}

/**
 * Commands of the CDK CLI that ask for credentials to write with
 * (https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd.html).
 */
const WRITING = new Set([
  'bootstrap',
  'deploy',
  'destroy',
  'gc',
  'import',
  'orphan',
  'publish-assets',
  'refactor',
  'rollback',
  'watch',
]);

/** Commands that only look: whatever comes after one of these, such as a stack called `deploy`, is no command. */
const READING = new Set(['diagnose', 'diff', 'drift', 'list', 'ls', 'synth', 'synthesize', 'validate']);

/**
 * Reads a command line.
 *
 * @param argv as `process.argv`
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const [, program = '', ...args] = argv;
  const profile = valuesOf(args, ['--profile']).at(-1);
  const context = valuesOf(args, ['-c', '--context'])
    .filter((entry) => entry.indexOf('=') > 0)
    .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const);
  // Of another program (Nx, a script with the CDK toolkit) the words mean something else.
  const command = ['cdk', 'cdk.js'].includes(basename(program))
    ? args.find((word) => WRITING.has(word) || READING.has(word))
    : undefined;
  return {
    context: Object.fromEntries(context),
    ...(profile === undefined ? {} : { profile }),
    writes: command !== undefined && WRITING.has(command),
  };
}

/** Accepts `-c x`, `--context x` and `--context=x`, each any number of times. */
function valuesOf(args: readonly string[], names: readonly string[]): string[] {
  return args.flatMap((word, index) => {
    if (names.includes(word)) return args[index + 1] ?? [];
    const name = names.find((one) => word.startsWith(`${one}=`));
    return name === undefined ? [] : word.slice(name.length + 1);
  });
}
