import { FederatedPrincipal, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ExactRole } from '../pipeline/index.ts';
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
  /**
   * What the step may do with the key that signs releases.
   * @default - nothing
   */
  readonly signing?: { readonly action: 'kms:Sign' | 'kms:Verify'; readonly key: string };
}

/**
 * A role that one kind of job gets for its token, and that may do nothing but assume some roles (and keep its release
 * record, and use the key that signs releases).
 */
export class CiRole extends Construct {
  readonly role: IRole;

  /** @throws PipelineError if the name is longer than IAM allows, or one role cannot hold so many ARNs */
  constructor(scope: Construct, id: string, props: CiRoleProps) {
    super(scope, id);
    const { provider, identity, trusted, assumes, releaseParameterArn, signing } = props;
    // Both are compared exactly if there is one subject. A pattern stays a condition of its own, so that
    // the audience never becomes one.
    const audience = { [`${provider.host}:aud`]: identity.audience };
    const subject = { [`${provider.host}:sub`]: trusted.subject };
    const conditions = trusted.pattern
      ? { StringEquals: audience, StringLike: subject }
      : { StringEquals: { ...audience, ...subject } };
    const { role } = new ExactRole(this, 'Exact', {
      roleName: props.roleName,
      description: props.description,
      assumedBy: new FederatedPrincipal(provider.arn, conditions, 'sts:AssumeRoleWithWebIdentity'),
      many: { actions: ['sts:AssumeRole'], resources: assumes },
      statements: [
        ...(releaseParameterArn === undefined
          ? []
          : [allow(['ssm:GetParameters', 'ssm:PutParameter'], releaseParameterArn)]),
        ...(signing === undefined ? [] : [allow([signing.action], signing.key)]),
      ],
    });
    this.role = role;
  }
}

function allow(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] });
}
