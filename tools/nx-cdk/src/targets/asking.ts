import { isCI } from '@nx-cdk/processes/ci';
import type { PreTasksExecutionContext } from '@nx/devkit';

/** Targets that may ask a question, for all environments or one. */
const ASKING = /(^|:)(cdk|deploy|destroy|gc|import|reap|refactor)(-|$)/;

/** Commands and options with which no task asks, or the only one. */
const NEVER_ASKING = /^(run-many|affected|--excludeTaskDependencies)$/;

const UI_OPTION = /^--(no-)?tui\b|^--output-?style=/i;
const NO_UI = /^--(no-tui|tui=false|output-?style=(static|stream|dynamic-legacy))/i;

const RUNNER = 'NX_NATIVE_COMMAND_RUNNER';

/** Whether it was set here, for an earlier command. */
let isOwn = false;

type AskingContext = Pick<PreTasksExecutionContext, 'argv'> & {
  readonly nxJsonConfiguration?: { readonly tui?: { readonly enabled?: boolean } };
};

/**
 * Leaves the keyboard to a task that asks. Without its terminal UI, Nx 23.2.1 gives each task of a command a pseudo
 * terminal and reads the keyboard in a thread for each of them, which does not end with the task
 * (`pseudo_terminal.rs`): after a `synth` and a `publish`, two of three keys would be lost to them. With
 * `NX_NATIVE_COMMAND_RUNNER=false`, tasks whose schema has `"outputCapture": "direct-nodejs"` have the real terminal.
 *
 * @returns variables that Nx sets for itself
 */
export function keyboardForTasks(
  context: AskingContext,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const { argv } = context;
  const words = argv.slice(2);
  const mayAsk = words.some((word) => ASKING.test(word)) && !words.some((word) => NEVER_ASKING.test(word));
  // What was set here for an earlier command is still there if this process lives longer than a command of Nx.
  const set = environment[RUNNER];
  const isDecided = set !== undefined && !(isOwn && set === 'false');
  if (!mayAsk || isDecided || !hasNoUi(context, environment) || !hasTerminal(argv, environment)) return {};
  isOwn = true;
  return { [RUNNER]: 'false' };
}

/**
 * Whether Nx certainly shows no terminal UI (`is-tui-enabled.js`): it was told so. Where plugins have a process of
 * their own, what Nx found out about its terminal is not known; then its pseudo terminals stay, and a key may have to
 * be pressed twice.
 */
function hasNoUi({ argv, nxJsonConfiguration }: AskingContext, environment: NodeJS.ProcessEnv): boolean {
  const told = argv.findLast((word) => UI_OPTION.test(word));
  if (told !== undefined) return NO_UI.test(told);
  if (environment['NX_TUI'] !== undefined) return environment['NX_TUI'] === 'false';
  return nxJsonConfiguration?.tui?.enabled === false;
}

/** Where plugins have a process of their own, it does not know the terminal; elsewhere than in a CI there is one. */
function hasTerminal(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  if (argv[1] === process.argv[1]) return process.stdin.isTTY && process.stdout.isTTY;
  return !isCI(environment);
}
