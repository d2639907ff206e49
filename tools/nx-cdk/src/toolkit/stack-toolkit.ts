import { AsyncLocalStorage } from 'node:async_hooks';
import { roleArn } from '@nx-cdk/environments';
import type { CachedCloudAssembly, StackSelector, Toolkit } from '@aws-cdk/toolkit-lib';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import type { Listener, ProgressEvent } from '../progress/index.ts';
import { LOAD_ASSEMBLY, openToolkit } from './open-toolkit.ts';

type CloudFormationStackArtifact = CachedCloudAssembly['cloudAssembly']['stacksRecursively'][number];

/** The CDK toolkit, opened on an assembly, for work on one stack at a time. */
export interface StackToolkit {
  readonly toolkit: Toolkit;
  /** Read once, however many stacks are worked on. */
  readonly assembly: CachedCloudAssembly;
  /** Selects exactly one stack. */
  select(stackId: string): StackSelector;
  /**
   * Works on one stack. What the toolkit says meanwhile is reported for that stack, also if several are worked on at
   * the same time: its messages do not name their stack.
   */
  of<Result>(work: StackWork, action: () => Promise<Result>): Promise<Result>;
  /** Releases the assembly folder. */
  dispose(): Promise<void>;
}

/** Where the messages about a stack go. */
export interface StackWork {
  /** Id of the stack's item. */
  readonly id: string;
  readonly listener: Listener;
  /** Takes the results of the action. */
  readonly result?: (text: string, data: unknown) => void;
}

/**
 * Opens the CDK toolkit on an assembly on disk.
 *
 * @param reader name of the role to read stacks with, whatever the assembly names; in the caller's own account, its own
 *   credentials. @default - the roles that the assembly names
 */
export async function openStackToolkit(aws: AwsClients, directory: string, reader?: string): Promise<StackToolkit> {
  const current = new AsyncLocalStorage<StackWork>();
  const [toolkit, { StackSelectionStrategy }] = await Promise.all([
    openToolkit({
      aws,
      // Errors of the app matter when it is deployed, not for a diff or a rollback.
      failAt: 'none',
      listener: (event) => {
        const work = current.getStore();
        if (work !== undefined) work.listener(asItemEvent(event, work.id));
      },
      result: (text, data) => current.getStore()?.result?.(text, data),
    }),
    import('@aws-cdk/toolkit-lib'),
  ]);
  const assembly = await toolkit.synth(
    await toolkit.fromAssemblyDirectory(directory, { loadAssemblyOptions: LOAD_ASSEMBLY }),
  );
  if (reader !== undefined) {
    for (const stack of assembly.cloudAssembly.stacksRecursively) await readWith(reader, stack, aws);
  }
  return {
    toolkit,
    assembly,
    select: (stackId) => ({ strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stackId] }),
    of: (work, action) => current.run(work, action),
    dispose: () => assembly.dispose(),
  };
}

/**
 * The toolkit tries the lookup role of a stack and then its deploy role: both become the reader. What else a manifest
 * says about those roles does not fit it, such as the bootstrap version that it would have to be able to look up.
 */
async function readWith(reader: string, stack: CloudFormationStackArtifact, aws: AwsClients): Promise<void> {
  const target = await resolveTarget(aws, stack.environment);
  const { account } = await aws.caller(target.region);
  const arn = account === target.account ? undefined : roleArn(target, reader);
  Object.assign(stack, {
    lookupRole: arn && { arn },
    assumeRoleArn: arn,
    assumeRoleExternalId: undefined,
    assumeRoleAdditionalOptions: undefined,
  });
}

/** Turns a message of the toolkit into a step or a message of an item. */
export function asItemEvent(event: ProgressEvent, id: string): ProgressEvent {
  if (event.type !== 'message') return event;
  const text = event.text.trim();
  if (event.level === 'info') return { type: 'item-progress', id, step: text.split('\n')[0] ?? '' };
  // Errors are thrown as well, and shown once, when the item ends.
  return { ...event, level: event.level === 'error' ? 'debug' : event.level, text, id };
}
