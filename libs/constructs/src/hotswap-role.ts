import { type Environments, hotswapRoleArn, partitionOf, type Target } from '@nx-cdk/environments';
import { DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, CompositePrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';

/** Props of {@link HotswapRole}. */
export interface HotswapRoleProps {
  /** Where it works: in this region and no other. */
  readonly target: Pick<Target, 'account' | 'region'>;
  /** Names the CI account, the qualifier of the bootstrap, and what the names of roles begin with. */
  readonly environments: Environments;
}

/**
 * The role that `nx dev` works with: it replaces the code of functions that are there, and reads which of them a stack
 * has and what they log. It creates, configures and deletes nothing, and reads no data.
 *
 * As with the roles of the bootstrap, its own account and the CI account decide who may take it: by a permission for
 * `sts:AssumeRole`. No step of a CI has one.
 */
export class HotswapRole extends Construct {
  /** The role itself. */
  readonly role: Role;

  constructor(scope: Construct, id: string, { target, environments }: HotswapRoleProps) {
    super(scope, id);
    const trusted = [...new Set([target.account, environments.ci.account])];
    this.role = new Role(this, 'Role', {
      roleName: hotswapRoleArn(environments, target).split('/').at(-1)!,
      description: 'Brings edits to functions during development (nx dev)',
      maxSessionDuration: Duration.hours(12),
      assumedBy: new CompositePrincipal(...trusted.map((account) => new AccountPrincipal(account))),
    });
    for (const statement of statementsFor(target, environments.qualifier)) {
      this.role.addToPolicy(statement);
      for (const resource of statement.resources.filter((one) => one.includes('*')))
        acceptFinding(
          this.role,
          `AwsSolutions-IAM5[Resource::${resource}]`,
          'Which of them there are is up to the apps: the role is limited to one region, and changes only what is there.',
        );
    }
  }
}

/** What a hotswap takes, in one region. */
function statementsFor({ account, region }: HotswapRoleProps['target'], qualifier: string): PolicyStatement[] {
  const partition = partitionOf(region);
  const here = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const allow = (sid: string, actions: string[], resources: string[]) =>
    new PolicyStatement({ sid, actions, resources });
  return [
    allow('FindFunctions', ['cloudformation:ListStackResources'], [here('cloudformation', 'stack/*')]),
    allow(
      'SwapFunctions',
      ['lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionCode'],
      [here('lambda', 'function:*')],
    ),
    allow('ReadLogs', ['logs:FilterLogEvents'], [here('logs', 'log-group:*')]),
    // Lambda reads code that was published with the permissions of who names it.
    allow('ReadFileAssets', ['s3:GetObject'], [`arn:${partition}:s3:::cdk-${qualifier}-assets-${account}-${region}/*`]),
    allow(
      'ReadImageAssets',
      ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      [here('ecr', `repository/cdk-${qualifier}-container-assets-${account}-${region}`)],
    ),
  ];
}

/** The stack with the {@link HotswapRole} of a target; deployed with the environment, whose stage it is made in. */
export class HotswapRoleStack extends Stack {
  constructor(scope: Construct, { target: { account, region }, environments }: HotswapRoleProps) {
    super(scope, `HotswapRole-${account}-${region}`, {
      env: { account, region },
      stackName: 'required-resources-hotswap',
      description: 'The role that nx dev works with',
      tags: { service: 'required-resources' },
      synthesizer: new DefaultStackSynthesizer({ qualifier: environments.qualifier }),
    });
    new HotswapRole(this, 'HotswapRole', { target: { account, region }, environments });
  }
}
