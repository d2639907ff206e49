import { isCI } from '@nx-cdk/processes';
import type { PreTasksExecutionContext } from '@nx/devkit';

/** Targets that may ask a question, for all environments or one. */
const ASKING = /(^|:)(deploy|destroy)(-|$)/;

/** Commands and options with which no task asks, or the only one. */
const NEVER_ASKING = /^(run-many|affected|--excludeTaskDependencies)$/;

/**
 * Leaves the keyboard to a task that asks. Without its terminal UI, Nx 23.2.1 gives each task of a command a pseudo
 * terminal and reads the keyboard in a thread for each of them, which does not end with the task
 * (`pseudo_terminal.rs`): after a `synth` and a `publish`, two of three keys would be lost to them. With
 * `NX_NATIVE_COMMAND_RUNNER=false`, tasks whose schema has `"outputCapture": "direct-nodejs"` have the real terminal.
 *
 * @returns variables that Nx sets for itself
 */
export function keyboardForTasks(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const words = argv.slice(2);
  const mayAsk = words.some((word) => ASKING.test(word)) && !words.some((word) => NEVER_ASKING.test(word));
  const hasUi = environment['NX_TUI'] !== 'false';
  const isSet = environment['NX_NATIVE_COMMAND_RUNNER'] !== undefined;
  return mayAsk && !hasUi && !isSet && hasTerminal(argv, environment) ? { NX_NATIVE_COMMAND_RUNNER: 'false' } : {};
}

/** Where plugins have a process of their own, it does not know the terminal; elsewhere than in a CI there is one. */
function hasTerminal(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  if (argv[1] === process.argv[1]) return process.stdin.isTTY && process.stdout.isTTY;
  return !isCI(environment);
}
