import { Duration } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  CompositePrincipal,
  Effect,
  type IRole,
  ManagedPolicy,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';

/** Name that cdk-assume-role-credential-plugin looks for by default. */
export const READ_ONLY_ROLE_NAME = 'cdk-readOnlyRole';

/** Props of {@link ReadOnlyRole}. */
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
 * A role that only reads, for lookups in an account whose bootstrap lookup role is missing or does not trust the CI.
 * Like that role (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml),
 * but it cannot read secrets.
 */
export class ReadOnlyRole extends Construct {
  /** The role itself. */
  readonly role: IRole;

  /** @throws Error if no role is trusted, or if one is not the ARN of a role */
  constructor(scope: Construct, id: string, props: ReadOnlyRoleProps) {
    super(scope, id);
    if (props.trustedRoles.length === 0) throw new Error(`${this.node.path}: nobody would be trusted; name a role.`);
    const role = new Role(this, 'Role', {
      roleName: props.roleName ?? READ_ONLY_ROLE_NAME,
      description: 'Looks things up while a CDK app is synthesized; changes nothing and reads no secrets',
      maxSessionDuration: Duration.hours(1),
      assumedBy: rolesAlone(props.trustedRoles),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
    });
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
 * Roles and nobody else of their accounts: each account with a condition, and not the roles as principals. IAM refuses
 * a principal that does not exist, and the id that it keeps of a role is worth nothing once the role is made anew
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles).
 *
 * @param arns of at least one role
 * @throws Error for one that is not the ARN of a role
 */
export function rolesAlone(arns: readonly string[]): CompositePrincipal {
  const trusted = [...Map.groupBy(arns, accountOf)].map(([account, roles]) =>
    new AccountPrincipal(account).withConditions({ ArnEquals: { 'aws:PrincipalArn': roles } }),
  );
  return new CompositePrincipal(...trusted);
}

function accountOf(arn: string): string {
  const account = /^arn:[a-z-]+:iam::(\d{12}):role\/[\w+=,.@/-]+$/.exec(arn)?.[1];
  if (account === undefined) throw new Error(`"${arn}" is not the ARN of a role.`);
  return account;
}
