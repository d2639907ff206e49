import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptFinding } from '../accept-finding.ts';
import { ExactRole } from '../pipeline/index.ts';
import { rolesAlone } from '../read-only-role.ts';

/** Props of {@link TemplateReader}. */
export interface TemplateReaderProps {
  /** ARN of the only role that may assume it, which has the same name. It need not exist yet. */
  readonly trustedRole: string;
}

/**
 * The role in an account of a target with which a CI shows what a proposed change would change. It reads stacks and
 * their templates, and nothing that is in the resources: no object, no table, no parameter, no log. CDK's lookup role
 * may read all of these.
 */
export class TemplateReader extends Construct {
  /** @throws Error if what is trusted is not the ARN of a role */
  constructor(scope: Construct, id: string, { trustedRole }: TemplateReaderProps) {
    super(scope, id);
    new ExactRole(this, 'Exact', {
      roleName: trustedRole.slice(trustedRole.lastIndexOf('/') + 1),
      description: 'Shows what a proposed change would change; reads templates and nothing else.',
      assumedBy: rolesAlone([trustedRole]),
      statements: [readingTemplates()],
    });
    acceptReadingTemplates(this);
  }
}

/** What the diff of the CDK toolkit asks for: stacks, their templates, and which nested stacks they have. */
export function readingTemplates(): PolicyStatement {
  return new PolicyStatement({
    sid: 'ReadTemplates',
    actions: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
    resources: [`arn:${Aws.PARTITION}:cloudformation:*:${Aws.ACCOUNT_ID}:stack/*`],
  });
}

/** For the construct that {@link readingTemplates} is allowed in. */
export function acceptReadingTemplates(scope: Construct): void {
  acceptFinding(
    scope,
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:*:<AWS::AccountId>:stack/*]',
    'A change may be to any stack, and to one that is not there yet; templates are all that can be read.',
  );
}
