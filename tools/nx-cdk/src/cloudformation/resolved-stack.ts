import { urlSuffixOf } from '@libs/environments';
import { type AwsClients, type Session, resolveTarget, resolvePlaceholders, sessionFor } from '../aws/index.ts';
import { type AssemblyStack, templatePlace } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

/** A stack with everything known about where it goes: no placeholder is left. */
export interface ResolvedStack {
  readonly stack: AssemblyStack;
  readonly account: string;
  readonly region: string;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** Who talks to CloudFormation about it. */
  readonly session: Session;
  /** Same for all stacks that the same role deploys in the same account and region. */
  readonly sessionKey: string;
  readonly executionRoleArn?: string;
  readonly template?: TemplateLocation;
  /** Replaces the placeholders of the manifest for this account and region. */
  readonly resolve: (text: string) => string;
}

/** Where the published template lies. */
export interface TemplateLocation {
  readonly bucket: string;
  readonly key: string;
  /** What CloudFormation reads. */
  readonly url: string;
}

/**
 * Resolves account, region, roles and template location of a stack.
 *
 * @throws Failure `WrongAccount` for a stack without a deploy role that belongs to another account than the caller's.
 */
export async function resolveStack(stack: AssemblyStack, aws: AwsClients): Promise<ResolvedStack> {
  const target = await resolveTarget(aws, stack.target);
  const { account, region, partition } = target;
  if (!stack.deployRole) await refuseOtherAccount(stack, account, aws);

  const resolve = (text: string) => resolvePlaceholders(text, target);
  const session = sessionFor(target, stack.deployRole);
  return {
    stack,
    account,
    region,
    targetName: `${account}/${region}`,
    session,
    sessionKey: JSON.stringify(session),
    executionRoleArn: stack.executionRoleArn && resolve(stack.executionRoleArn),
    template: stack.templateUrl ? locate(resolve(stack.templateUrl), region, urlSuffixOf(partition)) : undefined,
    resolve,
  };
}

async function refuseOtherAccount(stack: AssemblyStack, account: string, aws: AwsClients): Promise<void> {
  const caller = await aws.caller();
  if (caller.account === account) return;
  throw new Failure('WrongAccount', {
    subject: stack.id,
    what: `it goes to account ${account} and names no deploy role, but the credentials are for account ${caller.account}`,
    next: `use credentials of ${account}, or a synthesizer with a deploy role`,
  });
}

function locate(templateUrl: string, region: string, suffix: string): TemplateLocation | undefined {
  const place = templatePlace(templateUrl);
  return place && { ...place, url: `https://s3.${region}.${suffix}/${place.bucket}/${place.key}` };
}
