import type { Environments, Target } from '@nx-cdk/environments';
import { DefaultStackSynthesizer, type Duration, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, CompositePrincipal, type PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';

/** Props of the roles that one command works with, and of their stacks. */
export interface CommandRoleProps {
  /** Where it works, and where the stack with it goes. */
  readonly target: Pick<Target, 'account' | 'region'>;
  /** Names the regions of the account, the CI account, the qualifier of the bootstrap, and how role names begin. */
  readonly environments: Environments;
}

/** What is special about one of these roles. */
interface CommandRoleSettings {
  readonly arn: string;
  readonly description: string;
  readonly maxSessionDuration: Duration;
  readonly statements: readonly PolicyStatement[];
  /** Why a resource of these statements may hold a `*`. */
  readonly wildcards: string;
}

/**
 * A role that one command works with.
 *
 * As with the roles of the bootstrap, its own account and the CI account decide who may take it: by a permission for
 * `sts:AssumeRole`. No step of a CI has one.
 */
export abstract class CommandRole extends Construct {
  /** The role itself. */
  readonly role: Role;

  protected constructor(
    scope: Construct,
    id: string,
    { target, environments }: CommandRoleProps,
    { arn, description, maxSessionDuration, statements, wildcards }: CommandRoleSettings,
  ) {
    super(scope, id);
    const trusted = [...new Set([target.account, environments.ci.account])];
    this.role = new Role(this, 'Role', {
      roleName: arn.split('/').at(-1)!,
      description,
      maxSessionDuration,
      assumedBy: new CompositePrincipal(...trusted.map((account) => new AccountPrincipal(account))),
    });
    for (const statement of statements) {
      this.role.addToPolicy(statement);
      for (const resource of statement.resources.filter((one) => one.includes('*')))
        acceptFinding(this.role, `AwsSolutions-IAM5[Resource::${resource}]`, wildcards);
    }
  }
}

/** A stack with a role of a command; deployed with the environment, whose stage it is made in. */
export abstract class CommandRoleStack extends Stack {
  /**
   * @param id such as `GarbageRole`
   * @param suffix of the name of the stack
   * @param command such as `nx gc`
   */
  protected constructor(
    scope: Construct,
    { target: { account, region }, environments }: CommandRoleProps,
    { id, suffix, command }: { readonly id: string; readonly suffix: string; readonly command: string },
  ) {
    super(scope, `${id}-${account}-${region}`, {
      env: { account, region },
      stackName: `required-resources-${suffix}`,
      description: `The role that ${command} works with`,
      tags: { service: 'required-resources' },
      synthesizer: new DefaultStackSynthesizer({ qualifier: environments.qualifier }),
    });
  }
}
