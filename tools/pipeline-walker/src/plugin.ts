import { dirname, join } from 'node:path';
import type { CreateNodes, ProjectConfiguration } from '@nx/devkit';
import { createNodesFromFiles, readJsonFile } from 'nx/src/devkit-exports.js';
import { type CdkJson, PIPELINE_CONTEXT } from 'nx-cdk/cdk-json';

/** Options of the plugin, in `nx.json`. */
export interface WalkerPluginOptions {
  /** Configurations of the target, as those of nx-cdk's plugin. @default {} */
  readonly configurations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** @default 'rehearse' */
  readonly rehearseTargetName?: string;
}

/** Each app whose `cdk.json` says that it makes a pipeline gets the Nx target that walks it. */
export const createNodes: CreateNodes<WalkerPluginOptions> = [
  '**/cdk.json',
  async (files, options, context) => {
    const own = files.filter((file) => !/(^|\/)(node_modules|cdk\.out|dist)\//.test(file));
    return createNodesFromFiles(
      (file, given) => {
        const targets = targetsOf(join(context.workspaceRoot, file), given ?? {});
        return targets === undefined ? {} : { projects: { [dirname(file)]: { targets } } };
      },
      own,
      options,
      context,
    );
  },
];

function targetsOf(file: string, options: WalkerPluginOptions): ProjectConfiguration['targets'] {
  const { context, output } = readConfig(file);
  if (typeof context?.[PIPELINE_CONTEXT] !== 'string') return undefined;
  return {
    [options.rehearseTargetName ?? 'rehearse']: {
      executor: '@nx-cdk/pipeline-walker:rehearse',
      // Whether a pipeline works depends on an account, which a cache does not know.
      cache: false,
      dependsOn: [],
      options: typeof output === 'string' ? { assembly: output } : {},
      configurations: structuredClone(options.configurations ?? {}),
      metadata: { technologies: ['aws-cdk'], description: 'Run the pipeline on a local AWS, step by step' },
    },
  };
}

/** A `cdk.json` that cannot be read is reported by the targets of nx-cdk, and must not take other projects down. */
function readConfig(file: string): CdkJson {
  try {
    return (readJsonFile(file) as CdkJson | null) ?? {};
  } catch {
    return {};
  }
}
