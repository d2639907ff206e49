import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ENVIRONMENTS_FILE, readEnvironments } from '@nx-cdk/environments';
import { Git, RecordStore, recordedGroup } from '../deployments/index.ts';
import { Failure } from '../failure/index.ts';
import type { CliOption, Invocation } from './commands.ts';

/** The options by which a command says which deploy group it is about. */
export const GROUP_OPTIONS: Readonly<Record<string, CliOption>> = {
  environment: {
    value: 'NAME',
    description: 'The environment, as environments.json calls it.',
    required: true,
  },
  group: {
    value: 'NAME',
    description: 'The deploy group, such as 222222222222-us-east-1. An environment with a single group needs none.',
  },
  environmentsFile: {
    value: 'FILE',
    description: 'The environments file, relative to the workspace root. Default: environments.json.',
  },
};

/**
 * The deploy group that a command is about, and its workspace.
 *
 * @throws Failure `NoWorkspace`, or as `recordedGroup` does; EnvironmentsError for the environments file
 */
export function deployGroupOf({ options, folder, explain }: Invocation) {
  const root = workspaceRootOf(folder);
  const environments = readEnvironments(resolve(root, options['environmentsFile'] ?? ENVIRONMENTS_FILE));
  const group = recordedGroup(environments, options['environment']!, options['group']);
  /** Runs something with the deployment records, and closes the connections to them afterwards. */
  const withRecords = async <Result>(work: (records: RecordStore) => Promise<Result>): Promise<Result> => {
    // Imported late: a mistyped option need not wait for the SDK.
    const { createAws } = await import('../aws/index.ts');
    const aws = createAws({ listener: () => undefined });
    const records = new RecordStore(aws, environments.ci, (event) => {
      if (event.type === 'message') explain(`${event.level}: ${event.text}`);
    });
    try {
      return await work(records);
    } finally {
      aws.destroy();
    }
  };
  return { root, git: new Git(root), group, withRecords };
}

/**
 * The nearest folder with an `nx.json`.
 *
 * @throws Failure `NoWorkspace`
 */
export function workspaceRootOf(folder: string): string {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, 'nx.json'))) return candidate;
    if (dirname(candidate) === candidate) {
      const what = `${folder} is in no Nx workspace`;
      throw new Failure('NoWorkspace', { what, next: 'change to one, which is where nx.json is' });
    }
  }
}
