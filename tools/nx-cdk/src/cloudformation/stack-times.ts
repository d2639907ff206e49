import type { Stack } from '@aws-sdk/client-cloudformation';

/** When something happened to a stack, in milliseconds since the epoch. */
export interface StackTimes {
  readonly createdAt?: number;
  /** When it was created or changed last. */
  readonly updatedAt: number;
}

/** What CloudFormation says of a stack. */
export function timesOf({ CreationTime: created, LastUpdatedTime: updated }: Partial<Stack>): StackTimes {
  return { createdAt: created?.getTime(), updatedAt: (updated ?? created)?.getTime() ?? 0 };
}
