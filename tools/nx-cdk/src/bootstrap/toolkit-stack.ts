import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { DEFAULT_QUALIFIER } from '@nx-cdk/environments';
import { READS_IMAGES_OUTPUT } from './image-digests.ts';

/** Name that the CDK CLI gives the bootstrap stack unless it is told another one. */
const DEFAULT_NAME = 'CDKToolkit';

/** The bootstrap of a target as it is now. */
export interface ToolkitStack {
  readonly name: string;
  /** Undefined if there is no such stack yet, or one that never came to life. */
  readonly found: FoundToolkitStack | undefined;
  /** Status of a stack that has to be deleted first: its creation or its deletion failed. */
  readonly remains?: string;
}

export interface FoundToolkitStack {
  readonly status: string;
  /** 0 for a bootstrap older than version numbers. */
  readonly version: number;
  /** Whether its deploy role may read image digests, as far as its template says so. */
  readonly readsImages: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the stack that bootstraps a qualifier; one request in the usual case.
 *
 * Two bootstraps in one account and region need two stacks: changing the Qualifier of a stack replaces all its roles
 * and its bucket, under the feet of every app that uses them. So a stack that holds another qualifier is never taken,
 * and a qualifier that is not CDK's own gets a stack named after it, as
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html advises for several qualifiers. Who ran `cdk
 * bootstrap --qualifier` alone has it in `CDKToolkit`: it is found there.
 */
export async function findToolkitStack(
  client: CloudFormationClient,
  qualifier: string,
  givenName: string | undefined,
): Promise<ToolkitStack> {
  if (givenName !== undefined) return toolkitStack(givenName, await describe(client, givenName));
  const ownName = `${DEFAULT_NAME}-${qualifier}`;
  const names = qualifier === DEFAULT_QUALIFIER ? [DEFAULT_NAME, ownName] : [ownName, DEFAULT_NAME];
  for (const name of names) {
    const found = await describe(client, name);
    if (found !== undefined && qualifierOf(found) === qualifier) return toolkitStack(name, found);
    if (found === undefined && name === DEFAULT_NAME && qualifier === DEFAULT_QUALIFIER) return { name, found };
  }
  return { name: ownName, found: undefined };
}

/** Statuses of a stack that holds nothing: its parameters say what once was wanted, not what there is. */
const REMAINS = new Set(['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'DELETE_FAILED']);

function toolkitStack(name: string, found: FoundToolkitStack | undefined): ToolkitStack {
  if (found !== undefined && REMAINS.has(found.status)) return { name, found: undefined, remains: found.status };
  return { name, found: found?.status === 'REVIEW_IN_PROGRESS' ? undefined : found };
}

/** The qualifier a bootstrap stack was made for. */
export function qualifierOf(stack: FoundToolkitStack): string {
  return stack.parameters['Qualifier'] || DEFAULT_QUALIFIER;
}

async function describe(client: CloudFormationClient, name: string): Promise<FoundToolkitStack | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  try {
    const answer = await client.send(new DescribeStacksCommand({ StackName: name }));
    const stack = answer.Stacks?.[0];
    return stack === undefined || stack.StackStatus === 'DELETE_COMPLETE' ? undefined : factsOf(stack);
  } catch (error) {
    // CloudFormation has no error of its own for a missing stack, only this sentence.
    const { name: kind, message } = error as Error;
    if (kind === 'ValidationError' && /does not exist/.test(message)) return undefined;
    throw error;
  }
}

function factsOf(stack: Stack): FoundToolkitStack {
  const output = (name: string) => stack.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  return {
    status: stack.StackStatus ?? '',
    version: Number.parseInt(output('BootstrapVersion') ?? '0', 10) || 0,
    readsImages: output(READS_IMAGES_OUTPUT) === 'true',
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [ParameterKey ?? '', ParameterValue ?? '']),
    ),
  };
}
