import { urlSuffixOf } from '@nx-cdk/environments';
import { type AwsClients, type Session, resolveTarget, resolvePlaceholders, sessionFor } from '../aws/index.ts';
import { type AssemblyStack, templatePlace } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

/** A stack without placeholders: everything is known about where it goes. */
export interface ResolvedStack {
  readonly stack: AssemblyStack;
  readonly account: string;
  readonly region: string;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** Who makes requests about it. */
  readonly session: Session;
  /** Same for all stacks that the same role deploys in the same account and region. */
  readonly sessionKey: string;
  readonly executionRoleArn?: string;
  /** Where the published template is, and the URL that CloudFormation reads. */
  readonly template?: { readonly bucket: string; readonly key: string; readonly url: string };
  /** Replaces the placeholders of a text of the manifest. */
  readonly resolve: (text: string) => string;
}

/** Which of the roles that a stack names makes the requests about it. */
export type StackRole = 'deploy' | 'lookup';

/**
 * Resolves account, region, roles and template location of a stack.
 *
 * @param kind who makes requests about it
 * @throws Failure `WrongAccount` if the stack has no such role and goes to another account than the caller's
 */
export async function resolveStack(
  stack: AssemblyStack,
  aws: AwsClients,
  kind: StackRole = 'deploy',
): Promise<ResolvedStack> {
  const target = await resolveTarget(aws, stack.target);
  const { account, region, partition } = target;
  const role = kind === 'deploy' ? stack.deployRole : stack.lookupRole;
  if (!role) await refuseOtherAccount(stack, account, aws, kind);

  const resolve = (text: string) => resolvePlaceholders(text, target);
  const session = sessionFor(target, kind, role);
  const place = stack.templateUrl && templatePlace(resolve(stack.templateUrl));
  return {
    stack,
    account,
    region,
    targetName: `${account}/${region}`,
    session,
    sessionKey: JSON.stringify(session),
    executionRoleArn: stack.executionRoleArn && resolve(stack.executionRoleArn),
    ...(place && {
      template: { ...place, url: `https://s3.${region}.${urlSuffixOf(partition)}/${place.bucket}/${place.key}` },
    }),
    resolve,
  };
}

async function refuseOtherAccount(
  stack: AssemblyStack,
  account: string,
  aws: AwsClients,
  kind: StackRole,
): Promise<void> {
  const caller = await aws.caller();
  if (caller.account === account) return;
  throw new Failure('WrongAccount', {
    subject: stack.id,
    what: `it goes to account ${account} and names no ${kind} role, but the credentials are for account ${caller.account}`,
    next: `use credentials of ${account}, or a synthesizer with a ${kind} role`,
  });
}
