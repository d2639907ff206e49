import { Effect, FederatedPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CiIdentity, TrustedSubject } from './ci-identity.ts';
import type { CiProvider } from './ci-provider.ts';

/** One step's role. */
export interface CiRoleProps {
  readonly roleName: string;
  readonly description: string;
  readonly provider: CiProvider;
  readonly identity: Pick<CiIdentity, 'audience'>;
  /** Which jobs get the role. */
  readonly trusted: TrustedSubject;
  /** ARNs of the bootstrap roles that the step works with. */
  readonly assumes: readonly string[];
  /**
   * ARN of the SSM parameter that the step reads and writes.
   * @default - none
   */
  readonly releaseParameterArn?: string;
}

/** IAM's limit on the length of a role's name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
const LONGEST_NAME = 64;

/** A role that one kind of job gets for its token, and that may do nothing but assume some roles (and keep its release record). */
export class CiRole extends Construct {
  readonly role: Role;

  /** @throws Error where the name is longer than IAM allows */
  constructor(scope: Construct, id: string, props: CiRoleProps) {
    super(scope, id);
    const { roleName, provider, identity, trusted } = props;
    if (roleName.length > LONGEST_NAME) {
      throw new Error(
        `The role name ${roleName} has ${roleName.length} characters, IAM allows ${LONGEST_NAME}: choose a shorter pipeline.name or environment.`,
      );
    }
    // Both exact where the subject is one; a pattern stays a condition of its own, so that the audience never becomes one.
    const audience = { [`${provider.host}:aud`]: identity.audience };
    const subject = { [`${provider.host}:sub`]: trusted.subject };
    const conditions = trusted.pattern
      ? { StringEquals: audience, StringLike: subject }
      : { StringEquals: { ...audience, ...subject } };
    this.role = new Role(this, 'Resource', {
      roleName,
      description: props.description,
      assumedBy: new FederatedPrincipal(provider.arn, conditions, 'sts:AssumeRoleWithWebIdentity'),
    });
    if (props.assumes.length > 0) {
      this.role.addToPolicy(
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['sts:AssumeRole'], resources: [...props.assumes] }),
      );
    }
    if (props.releaseParameterArn !== undefined) {
      this.role.addToPolicy(
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ['ssm:GetParameters', 'ssm:PutParameter'],
          resources: [props.releaseParameterArn],
        }),
      );
    }
  }
}
