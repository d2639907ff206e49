import type { RollbackConfiguration } from '@aws-sdk/client-cloudformation';
import type { ResolvedStack } from './resolved-stack.ts';

/**
 * The alarms that CloudFormation watches while it updates a stack, and for a while after: if one goes off, the update
 * is rolled back. An empty list takes away those that a stack has.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
 */
export interface Monitoring {
  /** Names or ARNs, with placeholders; of composite alarms as `{ composite: ... }`. At most five. */
  readonly alarms: readonly (string | { readonly composite: string })[];
  /** How long they are watched when all resources are deployed, 0 to 180. @default 0 */
  readonly minutes?: number;
}

/** The alarms that a stack has. */
export interface WatchedAlarms {
  readonly arns: readonly string[];
  readonly minutes: number;
}

/** The alarms of a stack, as a change set names them. */
export function rollbackConfiguration(
  { resolve }: Pick<ResolvedStack, 'resolve'>,
  { alarms, minutes = 0 }: Monitoring,
): Required<RollbackConfiguration> {
  const RollbackTriggers = alarms.map((alarm) => {
    const [name, Type] =
      typeof alarm === 'string'
        ? [alarm, 'AWS::CloudWatch::Alarm']
        : [alarm.composite, 'AWS::CloudWatch::CompositeAlarm'];
    const arn = name.startsWith('arn:')
      ? name
      : `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`;
    return { Arn: resolve(arn), Type };
  });
  return { RollbackTriggers, MonitoringTimeInMinutes: minutes };
}

/** Whether a stack has other alarms than it is to have. */
export function hasOtherAlarms(
  current: { readonly alarms?: WatchedAlarms },
  resolved: ResolvedStack,
  monitoring: Monitoring,
): boolean {
  const { RollbackTriggers, MonitoringTimeInMinutes } = rollbackConfiguration(resolved, monitoring);
  const wanted = RollbackTriggers.map(({ Arn }) => Arn).toSorted();
  const { arns, minutes } = current.alarms ?? { arns: [], minutes: 0 };
  return wanted.join(' ') !== arns.toSorted().join(' ') || minutes !== MonitoringTimeInMinutes;
}
