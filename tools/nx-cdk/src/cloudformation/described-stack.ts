import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { DeploymentMode } from './deployment-mode.ts';
import type { WatchedAlarms } from './rollback-triggers.ts';

/** What a run remembers of a stack that CloudFormation described: nothing bulky, there may be thousands. */
export interface DescribedStack {
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly statusReason?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** When it was created or changed last, in milliseconds since the epoch. */
  readonly updatedAt: number;
  /** The change set that was executed last, as far as CloudFormation says so. */
  readonly changeSetId?: string;
  /** The mode of its last operation, as far as CloudFormation says so. */
  readonly mode?: DeploymentMode;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly roleArn?: string;
  readonly notificationArns: readonly string[];
  /** What CloudFormation watches during updates; absent if it watches nothing. */
  readonly alarms?: WatchedAlarms;
  readonly terminationProtection: boolean;
  /** Whether it is part of another stack. @default false */
  readonly nested?: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  /** The key of the output, by the name that it is exported under. */
  readonly exports: Readonly<Record<string, string>>;
}

/** What is remembered of a stack. */
export function described(stack: Partial<Sdk.Stack>): DescribedStack {
  return {
    name: stack.StackName ?? '',
    id: stack.StackId ?? '',
    status: stack.StackStatus ?? '',
    statusReason: stack.StackStatusReason || undefined,
    changeSetId: stack.ChangeSetId || undefined,
    mode: modeOf(stack),
    createdAt: stack.CreationTime?.getTime(),
    updatedAt: (stack.LastUpdatedTime ?? stack.CreationTime)?.getTime() ?? 0,
    parameters: Object.fromEntries((stack.Parameters ?? []).map((p) => [p.ParameterKey ?? '', p.ParameterValue ?? ''])),
    tags: Object.fromEntries((stack.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    roleArn: stack.RoleARN || undefined,
    notificationArns: stack.NotificationARNs ?? [],
    alarms: alarmsOf(stack),
    terminationProtection: stack.EnableTerminationProtection ?? false,
    ...(stack.ParentId !== undefined && { nested: true }),
    outputs: Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? ''])),
    exports: Object.fromEntries(
      (stack.Outputs ?? []).flatMap((o) => (o.ExportName ? [[o.ExportName, o.OutputKey ?? '']] : [])),
    ),
  };
}

function modeOf({ DeploymentConfig: config }: Partial<Sdk.Stack>): DeploymentMode | undefined {
  return config?.Mode && (config.Mode === 'EXPRESS' ? 'express' : 'standard');
}

function alarmsOf({ RollbackConfiguration: config }: Partial<Sdk.Stack>): WatchedAlarms | undefined {
  const arns = (config?.RollbackTriggers ?? []).map(({ Arn }) => Arn ?? '');
  const minutes = config?.MonitoringTimeInMinutes ?? 0;
  return arns.length > 0 || minutes > 0 ? { arns, minutes } : undefined;
}
