/** What can be done about a stack in a status. */
export type Remedy = 'roll-back' | 'continue' | 'none' | 'wait' | 'recreate';

/**
 * Which statuses a rollback helps in; what the CDK toolkit does about each (`StackStatus.rollbackChoice` in
 * https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/toolkit-lib/lib/api/stack-events/stack-status.ts).
 */
export function remedyFor(status: string): Remedy {
  if (status === 'CREATE_FAILED' || status === 'UPDATE_FAILED') return 'roll-back';
  if (status === 'UPDATE_ROLLBACK_FAILED') return 'continue';
  if (status === 'ROLLBACK_FAILED' || status === 'DELETE_FAILED') return 'recreate';
  if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') return 'wait';
  return 'none';
}
