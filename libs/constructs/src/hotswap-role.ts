import { hotswapRoleArn, partitionOf } from '@nx-cdk/environments';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { CommandRole, type CommandRoleProps, CommandRoleStack } from './command-role.ts';

/**
 * The role that `nx dev` works with: it replaces the code of functions and the definitions of state machines that are
 * there, lets aliases point at that code, and reads which of them a stack has and what functions log. It creates and
 * deletes nothing, gives nothing another role, and reads no data.
 */
export class HotswapRole extends CommandRole {
  constructor(scope: Construct, id: string, props: CommandRoleProps) {
    const { target, environments } = props;
    super(scope, id, props, {
      arn: hotswapRoleArn(environments, target),
      description: 'Brings edits to functions and state machines during development (nx dev)',
      maxSessionDuration: Duration.hours(12),
      statements: statementsFor(target, environments.qualifier),
      wildcards:
        'Which of them there are is up to the apps: the role is limited to one region, and changes only what is there.',
    });
  }
}

/** What a hotswap takes, in one region. */
function statementsFor({ account, region }: CommandRoleProps['target'], qualifier: string): PolicyStatement[] {
  const partition = partitionOf(region);
  const here = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const allow = (sid: string, actions: string[], resources: string[]) =>
    new PolicyStatement({ sid, actions, resources });
  return [
    allow('FindResources', ['cloudformation:ListStackResources'], [here('cloudformation', 'stack/*')]),
    allow(
      'SwapFunctions',
      ['lambda:GetAlias', 'lambda:GetFunctionConfiguration', 'lambda:UpdateAlias', 'lambda:UpdateFunctionCode'],
      [here('lambda', 'function:*')],
    ),
    // It may pass no role, so a state machine keeps its own.
    allow(
      'SwapStateMachines',
      ['states:DescribeStateMachine', 'states:UpdateStateMachine'],
      [here('states', 'stateMachine:*')],
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
export class HotswapRoleStack extends CommandRoleStack {
  constructor(scope: Construct, props: CommandRoleProps) {
    super(scope, props, { id: 'HotswapRole', suffix: 'hotswap', command: 'nx dev' });
    new HotswapRole(this, 'HotswapRole', props);
  }
}
