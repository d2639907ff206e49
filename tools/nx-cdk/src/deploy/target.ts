import type { Aws, Speaker } from '../aws/contract.ts';
import { urlSuffixOf } from '../aws/partition.ts';
import { resolveEnvironment, resolvePlaceholders, speakerFor } from '../aws/placeholders.ts';
import type { AssemblyStack } from '../assembly/model.ts';
import { templatePlace } from '../assembly/template-place.ts';
import { Failure } from '../failure/failure.ts';

/** A stack with everything known about where it goes: no placeholder is left. */
export interface Target {
  readonly stack: AssemblyStack;
  readonly account: string;
  readonly region: string;
  /** `111111111111/eu-west-1` */
  readonly environment: string;
  /** Who talks to CloudFormation about it. */
  readonly speaker: Speaker;
  /** Same for all stacks that the same role deploys in the same account and region. */
  readonly speakerKey: string;
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
export async function resolveTarget(stack: AssemblyStack, aws: Aws): Promise<Target> {
  const environment = await resolveEnvironment(aws, stack.environment);
  const { account, region, partition } = environment;
  if (!stack.deployRole) await refuseOtherAccount(stack, account, aws);

  const resolve = (text: string) => resolvePlaceholders(text, environment);
  const speaker = speakerFor(environment, stack.deployRole);
  return {
    stack,
    account,
    region,
    environment: `${account}/${region}`,
    speaker,
    speakerKey: JSON.stringify(speaker),
    executionRoleArn: stack.executionRoleArn && resolve(stack.executionRoleArn),
    template: stack.templateUrl ? locate(resolve(stack.templateUrl), region, urlSuffixOf(partition)) : undefined,
    resolve,
  };
}

async function refuseOtherAccount(stack: AssemblyStack, account: string, aws: Aws): Promise<void> {
  const caller = await aws.caller();
  if (caller.account === account) return;
  throw new Failure(
    'WrongAccount',
    `${stack.id}: it goes to account ${account} and names no deploy role, but the credentials are for account ` +
      `${caller.account}: use credentials of ${account}, or a synthesizer with a deploy role`,
  );
}

function locate(templateUrl: string, region: string, suffix: string): TemplateLocation | undefined {
  const place = templatePlace(templateUrl);
  return place && { ...place, url: `https://s3.${region}.${suffix}/${place.bucket}/${place.key}` };
}
