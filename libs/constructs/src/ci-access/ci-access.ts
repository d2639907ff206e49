import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CiIdentity } from './ci-identity.ts';
import { CiProvider } from './ci-provider.ts';
import { CiRole, type CiRoleProps } from './ci-role.ts';

/** Targets that one job deploys to. */
export interface CiDeployGroup {
  /** Part of the role's name. */
  readonly name: string;
  /** ARNs of the deploy roles of its targets. */
  readonly deployRoles: readonly string[];
  /** Name of the SSM parameter with what was released to it last, beginning with a slash. */
  readonly releaseParameter: string;
}

/** An environment and the groups that it is deployed in. */
export interface CiEnvironment {
  readonly name: string;
  readonly groups: readonly CiDeployGroup[];
}

/** What a CI system may do in AWS. */
export interface CiAccessProps {
  /** Name of the pipeline, with which the names of the roles begin. */
  readonly name: string;
  /** The CI system and the repository. */
  readonly identity: CiIdentity;
  /** ARNs of the publishing roles of all targets. */
  readonly publishingRoles: readonly string[];
  /** ARNs of the lookup roles of all targets. */
  readonly lookupRoles: readonly string[];
  readonly environments: readonly CiEnvironment[];
  /**
   * ARN of the KMS key that signs releases: publishing may sign with it, deploying may verify.
   * @default - releases are not signed
   */
  readonly signingKey?: string;
  /**
   * Whether the account has an OIDC provider for this CI system already, made elsewhere.
   * @default false
   */
  readonly existingProvider?: boolean;
}

/**
 * A role for each step of a CI system: `<name>-<system>-publish`, `-diff`, and `-deploy-<environment>-<group>`.
 * Synthesizing has none. Every role trusts one kind of job and is good for explicit ARNs only. Belongs into the stack
 * of the CI account.
 */
export class CiAccess extends Construct {
  constructor(scope: Construct, id: string, props: CiAccessProps) {
    super(scope, id);
    const { identity, environments, signingKey: key } = props;
    const provider = new CiProvider(this, 'Provider', { identity, existing: props.existingProvider });
    const add = (
      step: string,
      description: string,
      more: Pick<CiRoleProps, 'trusted' | 'assumes' | 'releaseParameterArn' | 'signing'>,
    ) =>
      new CiRole(this, step, {
        roleName: `${props.name}-${identity.system}-${step}`,
        description,
        provider,
        identity,
        ...more,
      });

    add('publish', 'Publishes templates and assets; deploys nothing.', {
      trusted: identity.publish,
      assumes: props.publishingRoles,
      ...(key === undefined ? {} : { signing: { action: 'kms:Sign', key } }),
    });
    add('diff', 'Shows what a proposed change would change; reads only.', {
      trusted: identity.diff,
      assumes: props.lookupRoles,
    });
    for (const environment of environments) {
      for (const group of environment.groups) {
        add(
          `deploy-${environment.name}-${group.name}`,
          `Deploys to ${environment.name} ${group.name}; publishes nothing.`,
          {
            trusted: identity.deploy(environment.name),
            assumes: group.deployRoles,
            ...(key === undefined ? {} : { signing: { action: 'kms:Verify', key } }),
            releaseParameterArn: `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${group.releaseParameter}`,
          },
        );
      }
    }
  }
}
