import { Aws } from 'aws-cdk-lib';
import { CfnOIDCProvider, FederatedPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ExactRole, PipelineError } from '../pipeline/index.ts';
import type { CiIdentity, TrustedSubject } from './ci-identity.ts';
import { acceptReadingTemplates, readingTemplates } from './template-reader.ts';

/** A step of a CI that needs a role; a `CiStep` of the environments is one. */
export interface CiAccessStep {
  readonly kind: string;
  /** Last part of the role's name. */
  readonly name: string;
  readonly description: string;
  /** The environment that it deploys to, or makes instances of. @default - none */
  readonly environment?: string;
  /** ARNs of the bootstrap roles that it works with. */
  readonly assumes: readonly string[];
  /** What it may do with the key that signs releases. @default - nothing */
  readonly signing?: readonly ('kms:Sign' | 'kms:Verify')[];
  /** Name of the SSM parameter with its deployment record, beginning with a slash. @default - none */
  readonly record?: string;
  /** Whether it reads the templates of the stacks in the CI account. @default false */
  readonly templates?: boolean;
}

/** What a CI system may do in AWS. */
export interface CiAccessProps {
  /** Name of the pipeline, with which the names of the roles begin. */
  readonly name: string;
  /** The CI system and the repository. */
  readonly identity: CiIdentity;
  /** The steps that need a role. */
  readonly steps: readonly CiAccessStep[];
  /** ARN of the KMS key that signs releases. @default - releases are not signed */
  readonly signingKey?: string;
  /**
   * Whether the account already has an OIDC provider for this issuer, with this audience: there can be only one for an
   * issuer.
   * @default false
   */
  readonly existingProvider?: boolean;
}

/**
 * A role for each step of a CI system: `<name>-<system>-publish`, `-diff`, `-drift`, `-deploy-<environment>-<group>`,
 * and for sandboxes `-publish-<environment>` and `-deploy-<environment>`. Each trusts one kind of job and may do no
 * more than assume some roles, keep its deployment record, use the key that signs releases, and read templates for
 * `-diff`. Belongs into the stack of the CI account.
 */
export class CiAccess extends Construct {
  /**
   * @throws PipelineError if a role's name is longer than IAM allows, one role cannot hold so many ARNs, or the CI
   *   system makes no sandboxes
   */
  constructor(scope: Construct, id: string, { name, identity, steps, signingKey, existingProvider }: CiAccessProps) {
    super(scope, id);
    const host = identity.issuer.replace(/^https:\/\//, '');
    const provider = existingProvider
      ? `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${host}`
      : makeProvider(new Construct(this, 'Provider'), identity);
    const audience = { [`${host}:aud`]: identity.audience };
    for (const { kind, name: stepName, environment, signing, record, templates, ...step } of steps) {
      const trusted = trustedBy(identity, kind, environment);
      const subject = { [`${host}:sub`]: trusted.subject };
      const claims = Object.entries(trusted.claims ?? {}).map(([claim, value]) => [`${host}:${claim}`, value]);
      // What is not the subject is always compared exactly, even if the subject is a pattern.
      const exact = { ...audience, ...(Object.fromEntries(claims) as Record<string, string>) };
      const conditions = trusted.pattern
        ? { StringEquals: exact, StringLike: subject }
        : { StringEquals: { ...exact, ...subject } };
      const parameter = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${record}`;
      const place = new Construct(this, stepName);
      new ExactRole(place, 'Exact', {
        roleName: `${name}-${identity.system}-${stepName}`,
        description: step.description,
        assumedBy: new FederatedPrincipal(provider, conditions, 'sts:AssumeRoleWithWebIdentity'),
        many: { actions: ['sts:AssumeRole'], resources: step.assumes },
        statements: [
          ...(record ? [allow(['ssm:GetParameters', 'ssm:PutParameter'], parameter)] : []),
          ...(signing && signingKey ? [allow([...signing], signingKey)] : []),
          ...(templates ? [readingTemplates()] : []),
        ],
      });
      if (templates) acceptReadingTemplates(place);
    }
  }
}

/** What the token of a job has to say that wants the role of a step. */
function trustedBy(identity: CiIdentity, kind: string, environment: string | undefined): TrustedSubject {
  const { diff, publish, scheduled = publish } = identity;
  if (environment === undefined) return kind === 'diff' ? diff : kind === 'drift' ? scheduled : publish;
  if (kind !== 'sandbox') return identity.deploy(environment);
  if (identity.sandbox !== undefined) return identity.sandbox(environment);
  throw new PipelineError(`${identity.system} makes no sandboxes: no token of it tells a job for one from others.`);
}

/**
 * The CloudFormation resource itself, without the Lambda function of `OpenIdConnectProvider`, and without a thumbprint:
 * IAM finds the certificate authority
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html).
 *
 * @returns its ARN
 */
function makeProvider(scope: Construct, { issuer, audience }: CiIdentity): string {
  return new CfnOIDCProvider(scope, 'Resource', { url: issuer, clientIdList: [audience] }).attrArn;
}

function allow(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] });
}
