import type { PreTasksExecutionContext, ProjectGraph, TargetConfiguration } from '@nx/devkit';
import { CONFIGURATION } from '../inputs/index.ts';
import { readCommandLine } from './command-line.ts';

/**
 * Refuses a command whose configuration (`-c`) none of the targets knows that would talk to AWS, and tells the tasks
 * which one was given. Nx leaves an unknown configuration out without a word: `-c local-awz` would go to AWS.
 *
 * @param readGraph only called if there is a configuration
 * @throws Error with the names that there are
 */
export async function checkConfiguration(
  { argv }: Pick<PreTasksExecutionContext, 'argv'>,
  readGraph: () => Promise<ProjectGraph>,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const { configuration, targets } = readCommandLine(argv);
  if (configuration === undefined) {
    // One command may start another, which has its own. Forgotten always: a plugin with a process of its own does not
    // know what the environment of this command says.
    environment[CONFIGURATION] = '';
    return;
  }
  const ours = Object.values((await readGraph()).nodes)
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
