import { Failure } from '../failure/index.ts';

/**
 * What a command of the CDK CLI does.
 *
 * - `local`: nothing with the app, or it runs the app itself
 * - `reads-assembly`: it shows what is in the assembly
 * - `reads`: it looks at accounts, with roles that the assembly names
 * - `changes`: it changes accounts, with roles that the assembly names
 * - `ships`: that, and it reads and publishes assets
 */
export type Doing = 'local' | 'reads-assembly' | 'reads' | 'changes' | 'ships';

/** The commands and their aliases (`aws-cdk/lib/cli/cli-config.ts`). What is not among them counts as the last kind. */
const DOING: Readonly<Record<Doing, readonly string[]>> = {
  local: [
    ...['acknowledge', 'ack', 'cli-telemetry', 'context', 'docs', 'doc', 'doctor', 'explore', 'flags', 'init', 'lsp'],
    ...['migrate', 'notices'],
  ],
  'reads-assembly': ['list', 'ls', 'metadata', 'synth', 'synthesize'],
  reads: ['diagnose', 'diff', 'drift', 'validate'],
  changes: ['bootstrap', 'destroy', 'gc', 'orphan', 'rollback'],
  ships: ['deploy', 'import', 'publish-assets', 'refactor'],
};

/** All commands that are known here. */
export const KNOWN_COMMANDS: readonly string[] = Object.values(DOING).flat();

/** A command line of the CDK CLI. */
export interface CommandLine {
  /** Its first word. Empty if only help or the version is asked for. */
  readonly command: string;
  readonly rest: readonly string[];
  readonly doing: Doing;
}

/** What is asked of the CLI itself. */
const ABOUT_ITSELF = ['--help', '-h', '--version'];

/** Options that this target decides; yargs takes them in both spellings, and short ones in groups. */
const DECIDED: readonly (readonly [option: RegExp, next: string])[] = [
  [/^(--app(=|$)|-[A-Za-z]*a)/, 'leave it out: it is the assembly of nx synth'],
  [/^(--role-?arn(=|$)|-[A-Za-z]*r)/i, 'leave it out: a stack is changed with the roles that it names'],
  [/^--watch(=|$)/, 'leave it out: what watches runs the app again and deploys what it makes, unseen'],
];

/**
 * Reads what comes after `--`.
 *
 * @throws Failure `BadOption` if it does not begin with a command, or holds an option that this target decides
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [command, ...rest] = args;
  if (command === undefined || ABOUT_ITSELF.includes(command)) {
    return { command: '', rest: command === undefined ? ['--help'] : [command], doing: 'local' };
  }
  if (command.startsWith('-')) {
    const next = 'write nx cdk <project> -- <command> <options>; options of the target itself are settings of nx.json';
    throw new Failure('BadOption', { what: `The command line begins with ${command} and not with a command`, next });
  }
  // Elsewhere it may be the value of an option.
  if (ABOUT_ITSELF.includes(rest[0] ?? '')) return { command, rest, doing: 'local' };
  const doing = (Object.keys(DOING) as Doing[]).find((one) => DOING[one].includes(command)) ?? 'ships';
  if (command === 'watch') {
    const what = 'cdk watch runs the app again and deploys what it makes, unseen';
    throw new Failure('BadOption', { what, next: 'edit, and run nx deploy <project> again' });
  }
  for (const word of doing === 'local' ? [] : rest) {
    const decided = DECIDED.find(([option]) => option.test(word));
    if (decided !== undefined)
      throw new Failure('BadOption', { what: `${word} is not for this target`, next: decided[1] });
  }
  return { command, rest, doing };
}
