import { Duration } from 'aws-cdk-lib';
import { AccountPrincipal, Effect, type IRole, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';

/** Name that cdk-assume-role-credential-plugin looks for by default. */
export const READ_ONLY_ROLE_NAME = 'cdk-readOnlyRole';

/** What a {@link ReadOnlyRole} is told. */
export interface ReadOnlyRoleProps {
  /**
   * ARNs of the roles that may assume it. They need not exist yet. A `*` in one would be a wildcard, and is refused.
   */
  readonly trustedRoles: readonly string[];

  /**
   * The same in every account, so that it can be found by its name.
   * @default 'cdk-readOnlyRole'
   */
  readonly roleName?: string;
}

/**
 * A role that looks and touches nothing: for context lookups in an account that has no bootstrap lookup role, or one
 * that does not trust CI. What the lookup role of CDK's bootstrap may do, and not
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml), less the
 * reading of secrets.
 */
export class ReadOnlyRole extends Construct {
  /** The role itself. */
  readonly role: IRole;

  /** @throws Error if nobody is trusted, or something that is not the ARN of one role */
  constructor(scope: Construct, id: string, props: ReadOnlyRoleProps) {
    super(scope, id);
    const [first, ...others] = accountsOf(props.trustedRoles);
    if (first === undefined) throw new Error(`${this.node.path}: nobody would be trusted; name a role.`);

    const role = new Role(this, 'Role', {
      roleName: props.roleName ?? READ_ONLY_ROLE_NAME,
      description: 'Looks things up while a CDK app is synthesized; changes nothing and reads no secrets',
      maxSessionDuration: Duration.hours(1),
      assumedBy: trust(first, props.trustedRoles),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
    });
    for (const account of others) role.assumeRolePolicy?.addStatements(statement(account, props.trustedRoles));
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ReadNoSecrets',
        effect: Effect.DENY,
        actions: ['kms:Decrypt', 'secretsmanager:GetSecretValue'],
        resources: ['*'],
      }),
    );
    acceptFinding(
      role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/ReadOnlyAccess]',
      'A lookup may ask for anything there is; AWS keeps the list of all actions that only read, and secrets are denied.',
    );
    this.role = role;
  }
}

/**
 * The account with the condition, and not the roles as principals: IAM refuses a principal that does not exist, and the
 * id it keeps of one that does is worth nothing once the role is made anew
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles).
 */
function trust(account: string, roles: readonly string[]) {
  return new AccountPrincipal(account).withConditions({ ArnEquals: { 'aws:PrincipalArn': ofAccount(account, roles) } });
}

function statement(account: string, roles: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['sts:AssumeRole'],
    principals: [trust(account, roles)],
  });
}

function accountsOf(roles: readonly string[]): string[] {
  return [
    ...new Set(
      roles.map((arn) => {
        const account = /^arn:[a-z-]+:iam::(\d{12}):role\/[\w+=,.@/-]+$/.exec(arn)?.[1];
        if (account === undefined) throw new Error(`"${arn}" is not the ARN of a role.`);
        return account;
      }),
    ),
  ];
}

function ofAccount(account: string, roles: readonly string[]): string[] {
  return roles.filter((arn) => arn.includes(`::${account}:`));
}
