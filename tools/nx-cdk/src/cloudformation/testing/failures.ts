/** What is told of a stack of the fake. */
interface Failed {
  readonly id: string;
  readonly status: string;
  readonly token?: string;
  readonly deploymentConfig?: { readonly Mode?: string };
}

/** CloudFormation then takes nothing but another operation in that mode: https://github.com/aws/aws-cdk-cli/issues/1739 */
export function hasFailedInExpressMode({ status, deploymentConfig }: Failed): boolean {
  return deploymentConfig?.Mode === 'EXPRESS' && /^(CREATE|UPDATE)_FAILED$/.test(status);
}

/**
 * The events of an operation that failed, newest first: something was cancelled because a queue could not be created.
 * None of one that did not fail.
 *
 * @param reason why the stack was rolled back, if no resource has failed by itself
 */
export function eventsOfFailure(stack: Failed, Timestamp: Date, reason?: string): object[] {
  if (!stack.status.endsWith('FAILED') && !stack.status.includes('ROLLBACK')) return [];
  const event = {
    Timestamp,
    ClientRequestToken: stack.token,
    ResourceType: 'AWS::SQS::Queue',
    ResourceStatus: 'CREATE_FAILED',
  };
  const cancelled = { ...event, LogicalResourceId: 'Other', ResourceStatusReason: 'Resource creation cancelled' };
  if (reason === undefined) {
    return [cancelled, { ...event, LogicalResourceId: 'Queue', ResourceStatusReason: 'Not allowed.' }];
  }
  const own = { ...event, PhysicalResourceId: stack.id, ResourceType: 'AWS::CloudFormation::Stack' };
  return [cancelled, { ...own, ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', ResourceStatusReason: reason }];
}
