import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CiIdentity } from './ci-identity.ts';
import { CiProvider } from './ci-provider.ts';
import { CiRole } from './ci-role.ts';

/** A step of a CI that needs a role; a `CiStep` of the environments is one. */
export interface CiAccessStep {
  readonly kind: string;
  /** Last part of the role's name. */
  readonly name: string;
  readonly description: string;
  /** The environment that it deploys to. @default - it deploys to none */
  readonly environment?: string;
  /** ARNs of the bootstrap roles that it works with. */
  readonly assumes: readonly string[];
  /** What it may do with the key that signs releases. @default - nothing */
  readonly signing?: 'kms:Sign' | 'kms:Verify';
  /** Name of the SSM parameter with its deployment record, beginning with a slash. @default - none */
  readonly record?: string;
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
  /** Whether the account has an OIDC provider for this CI system already, made elsewhere. @default false */
  readonly existingProvider?: boolean;
}

/**
 * A role for each step of a CI system: `<name>-<system>-publish`, `-diff`, and `-deploy-<environment>-<group>`. Every
 * role trusts one kind of job and is good for explicit ARNs only: jobs of an environment deploy to it, proposed changes
 * look, and only the branch does anything else. Belongs into the stack of the CI account.
 */
export class CiAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { name, identity, steps, signingKey: key, existingProvider }: CiAccessProps,
  ) {
    super(scope, id);
    const provider = new CiProvider(this, 'Provider', { identity, existing: existingProvider });
    for (const { kind, name: stepName, description, environment, assumes, signing, record } of steps) {
      const looks = kind === 'diff' ? identity.diff : identity.publish;
      new CiRole(this, stepName, {
        roleName: `${name}-${identity.system}-${stepName}`,
        description,
        provider,
        identity,
        trusted: environment === undefined ? looks : identity.deploy(environment),
        assumes,
        ...(signing && key && { signing: { action: signing, key } }),
        ...(record && {
          releaseParameterArn: `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${record}`,
        }),
      });
    }
  }
}
