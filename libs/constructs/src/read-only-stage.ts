import { type Environments, type Target, lookupRoleArns } from '@nx-cdk/environments';
import { DefaultStackSynthesizer, Stack, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ReadOnlyRole } from './read-only-role.ts';

/** Targets of an environment that get a stack. */
export interface StageTargets {
  /** Name of the environment. */
  readonly name: string;
  readonly targets: readonly Pick<Target, 'account' | 'region'>[];
}

/**
 * The first target of each account, in promotion order. A role is global: further regions and environments of the
 * account have it already. An environment without such a target is left out.
 */
export function firstTargets({ environments }: Pick<Environments, 'environments'>): StageTargets[] {
  const seen = new Set<string>();
  return environments
    .map(({ name, targets }) => ({
      name,
      targets: targets.filter(({ account }) => !seen.has(account) && seen.add(account)),
    }))
    .filter(({ targets }) => targets.length > 0);
}

/** Props of {@link ReadOnlyStage}. */
export interface ReadOnlyStageProps {
  /** One target an account. */
  readonly targets: StageTargets['targets'];
  readonly environments: Environments;
}

/** The role to look things up with, in the accounts of one environment. */
export class ReadOnlyStage extends Stage {
  constructor(scope: Construct, id: string, { targets, environments }: ReadOnlyStageProps) {
    super(scope, id);
    for (const { account, region } of targets) {
      const stack = new Stack(this, `ReadOnlyRole-${account}-${region}`, {
        env: { account, region },
        stackName: 'required-resources',
        description: 'The role that CI looks things up with',
        tags: { service: 'required-resources', environment: id },
        synthesizer: new DefaultStackSynthesizer({ qualifier: environments.qualifier }),
      });
      new ReadOnlyRole(stack, 'ReadOnlyRole', { trustedRoles: lookupRoleArns(environments) });
    }
  }
}
