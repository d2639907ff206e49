import type { PreTasksExecutionContext, ProjectGraph, TargetConfiguration } from '@nx/devkit';
import { CONFIGURATION } from '../inputs/index.ts';

/** What a command of Nx was asked for. */
interface Asked {
  readonly configuration: string;
  readonly targets: readonly string[];
}

/**
 * Refuses a command whose configuration (`-c`) none of the targets knows that would talk to AWS, and tells the tasks
 * which one was given. Nx leaves an unknown configuration out without a word: `-c local-awz` would go to AWS.
 *
 * @param readGraph only called if there is a configuration
 * @throws Error with the names that there are
 */
export function checkConfiguration(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  readGraph: () => ProjectGraph,
  environment: NodeJS.ProcessEnv,
): void {
  const asked = readArguments(argv.slice(2));
  // One command may start another, which has its own.
  if (asked === undefined) {
    if (environment[CONFIGURATION]) environment[CONFIGURATION] = '';
    return;
  }
  const { configuration, targets } = asked;
  const ours = Object.values(readGraph().nodes)
    .flatMap(({ data }) => Object.entries(data.targets ?? {}))
    .filter(([name, target]) => targets.includes(name) && talksToAws(target))
    .map(([, target]) => Object.keys(target.configurations ?? {}));
  if (ours.length > 0 && !ours.some((names) => names.includes(configuration))) {
    const names = [...new Set(ours.flat())].toSorted();
    const next = names.length === 0 ? 'leave -c out' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
    throw new Error(
      `No target ${targets.join(', ')} has the configuration "${configuration}": ${next}. Configurations are an option of nx-cdk/plugin in nx.json.`,
    );
  }
  environment[CONFIGURATION] = configuration;
}

/** Those that assume a role, or use the caller's. A synthesis has no configuration: its result is one for all. */
function talksToAws({ executor = '' }: TargetConfiguration): boolean {
  const [plugin, name = ''] = executor.split(':');
  return plugin === 'nx-cdk' && !['synth', 'build-handler', 'test-handler', 'vet-handler'].includes(name);
}

/** Commands of Nx that take their targets from an option. */
const MANY = ['run-many', 'affected'];

/** Reads `nx deploy app -c x`, `nx run app:deploy:x` and `nx run-many -t deploy publish --configuration=x`. */
function readArguments(args: readonly string[]): Asked | undefined {
  const end = args.indexOf('--');
  const own = (end === -1 ? args : args.slice(0, end)).flatMap((arg) => {
    const at = arg.indexOf('=');
    return arg.startsWith('-') && at !== -1 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
  });
  const after = (names: readonly string[]) => {
    const at = own.findLastIndex((arg) => names.includes(arg));
    if (at === -1) return [];
    const values = own.slice(at + 1);
    const next = values.findIndex((value) => value.startsWith('-'));
    return next === -1 ? values : values.slice(0, next);
  };
  const isName = (arg: string | undefined) => arg === '-c' || arg === '--configuration';
  const [command = '', ...rest] = own.filter((arg, at) => !arg.startsWith('-') && !isName(own[at - 1]));
  const one = command === 'run' ? rest[0]?.split(':') : command.includes(':') ? command.split(':') : undefined;
  const configuration = after(['-c', '--configuration'])[0] ?? one?.slice(2).join(':');
  if (!configuration) return undefined;
  const targets = MANY.includes(command)
    ? after(['-t', '--target', '--targets']).flatMap((names) => names.split(','))
    : [one?.[1] ?? command];
  return { configuration, targets };
}
