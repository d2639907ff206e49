import { Aws } from 'aws-cdk-lib';
import { CfnOIDCProvider } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CiIdentity } from './ci-identity.ts';

/** How an account knows a CI system. */
export interface CiProviderProps {
  /** Whose tokens are accepted, and for which audience. */
  readonly identity: Pick<CiIdentity, 'issuer' | 'audience'>;
  /**
   * Whether the account has a provider for this issuer already, with this audience: an account can have only one for an
   * issuer.
   * @default false
   */
  readonly existing?: boolean;
}

/**
 * The issuer of a CI system's tokens, as IAM knows it: the CloudFormation resource itself, without the Lambda function
 * of `OpenIdConnectProvider`. It has no thumbprint: IAM finds the certificate authority by itself
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html).
 */
export class CiProvider extends Construct {
  /** ARN of the provider: the federated principal of trust policies. */
  readonly arn: string;
  /** The issuer without its scheme, with which condition keys begin. */
  readonly host: string;

  constructor(scope: Construct, id: string, { identity, existing = false }: CiProviderProps) {
    super(scope, id);
    this.host = identity.issuer.replace(/^https:\/\//, '');
    if (existing) {
      this.arn = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${this.host}`;
    } else {
      const provider = new CfnOIDCProvider(this, 'Resource', {
        url: identity.issuer,
        clientIdList: [identity.audience],
      });
      this.arn = provider.attrArn;
    }
  }
}
