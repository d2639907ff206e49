import { type IPrincipal, type IRole, ManagedPolicy, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PipelineError } from './pipeline-error.ts';
import { spreadPermission } from './spread-permission.ts';

/** Characters of a role's name (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const LONGEST_NAME = 64;

/** Props of {@link ExactRole}. */
export interface ExactRoleProps {
  /** At most 64 characters. */
  readonly roleName: string;
  readonly description: string;
  /** Who may take the role. */
  readonly assumedBy: IPrincipal;
  /**
   * What it may do; together with what AWS adds to them, at most 3,640 characters.
   * @default []
   */
  readonly statements?: readonly PolicyStatement[];
  /**
   * A permission on literal ARNs, which is spread over several policies if one is too small for it.
   * @default - none
   */
  readonly many?: { readonly actions: readonly string[]; readonly resources: readonly string[] };
}

/**
 * A role that has exactly the permissions given here. A construct that gets `role` and grants it something changes
 * nothing.
 *
 * Its policies are part of it, so what uses it never starts before they are there.
 */
export class ExactRole extends Construct {
  readonly role: IRole;

  /**
   * @throws PipelineError if the name is too long or one role cannot hold what is allowed
   */
  constructor(scope: Construct, id: string, props: ExactRoleProps) {
    super(scope, id);
    const { roleName, description, assumedBy, statements = [], many = { actions: [], resources: [] } } = props;
    if (roleName.length > LONGEST_NAME) {
      throw new PipelineError(
        `The role ${roleName} has a name of ${roleName.length} characters, IAM allows ${LONGEST_NAME}: choose a shorter name for the pipeline or the environment.`,
      );
    }
    const spread = spreadPermission(many.actions, many.resources);
    if (spread === undefined) {
      throw new PipelineError(
        `The role ${roleName} would need ${many.resources.length} ARNs, more than the policies of a role can hold: share the targets among more actions (parallelActions).`,
      );
    }
    const allow = (resources: readonly string[]) =>
      new PolicyStatement({ actions: [...many.actions], resources: [...resources] });
    // IAM takes no policy without a statement.
    const inline = [...(spread.inline.length === 0 ? [] : [allow(spread.inline)]), ...statements];
    const role = new Role(this, 'Role', {
      roleName,
      description,
      assumedBy,
      inlinePolicies: inline.length === 0 ? {} : { step: new PolicyDocument({ statements: inline }) },
      managedPolicies: spread.managed.map(
        (resources, index) =>
          new ManagedPolicy(this, `More${index + 1}`, {
            description: `Continues what ${roleName} may do`,
            statements: [allow(resources)],
          }),
      ),
    });
    this.role = role.withoutPolicyUpdates();
  }
}
