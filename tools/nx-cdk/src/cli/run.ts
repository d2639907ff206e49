import { Failure, recordFailure, reworded } from '../failure/index.ts';
import { oneLine, redact } from '../progress/index.ts';
import { baseCommand } from './base.ts';
import { commentCommand } from './comment.ts';
import { commentSandboxCommand } from './comment-sandbox.ts';
import { type CliCommand, type Invocation, commandHelp, generalHelp, parseOptions } from './commands.ts';
import { diffCommand } from './diff.ts';
import { handOverCommand, takeOverCommand } from './hand-over.ts';
import { nameReleasesCommand } from './name-releases.ts';
import { recordCommand } from './record.ts';

const COMMANDS: readonly CliCommand[] = [
  handOverCommand,
  takeOverCommand,
  nameReleasesCommand,
  baseCommand,
  recordCommand,
  diffCommand,
  commentCommand,
  commentSandboxCommand,
];

/**
 * Runs one command line.
 *
 * @param args without the program
 * @returns the exit code: 0, or 1 if it was refused or failed
 */
export async function runCli(args: readonly string[], surroundings: Omit<Invocation, 'options'>): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || isHelp(name)) {
      surroundings.print(generalHelp(COMMANDS));
      return 0;
    }
    const command = COMMANDS.find((one) => one.name === name);
    if (command === undefined) {
      const known = COMMANDS.map((one) => one.name).join(', ');
      throw new Failure('Usage', { what: `nx-cdk has no command "${name}"`, next: `there are ${known}` });
    }
    if (rest.some(isHelp)) {
      surroundings.print(commandHelp(command));
      return 0;
    }
    await command.run({ ...surroundings, options: parseOptions(command, rest) });
    return 0;
  } catch (error) {
    // Imported late: most calls have nothing to explain.
    const { explain } = await import('../aws/index.ts');
    const { message, reported } = explain(error);
    recordFailure(reworded(reported, redact));
    surroundings.explain(oneLine(`error: ${message}`));
    return 1;
  }
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}
