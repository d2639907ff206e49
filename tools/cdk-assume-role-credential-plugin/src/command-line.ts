import { basename } from 'node:path';
import { parseArgs } from 'node:util';

/** What the plugin needs to know of the command that loaded it. */
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
export function readCommandLine([, program = '', ...args]: readonly string[]): CommandLine {
  const options = {
    context: { type: 'string', short: 'c', multiple: true },
    profile: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ args, options, strict: false, allowPositionals: true });
  const context = (values.context ?? [])
    .map((entry) => /^([^=]+)=(.*)$/s.exec(String(entry)))
    .flatMap((entry) => (entry === null ? [] : [[entry[1], entry[2]]]));
  // Of another program (Nx, a script with the CDK toolkit) the words mean something else.
  const isCdk = ['cdk', 'cdk.js'].includes(basename(program));
  const command = positionals.find((word) => WRITING.has(word) || READING.has(word));
  return {
    context: Object.fromEntries(context),
    ...(typeof values.profile === 'string' && { profile: values.profile }),
    writes: isCdk && command !== undefined && WRITING.has(command),
  };
}
