import type { DeploymentConfig } from '@aws-sdk/client-cloudformation';
import type { Monitoring } from './rollback-triggers.ts';

/**
 * When CloudFormation calls an operation on a stack done: when all resources work (`standard`), or as soon as their
 * configuration is applied (`express`); they go on becoming ready then. Nested stacks have the mode of their parent.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
 */
export type DeploymentMode = 'standard' | 'express';

/** How a stack is deployed. */
export interface DeploymentSettings {
  readonly mode: DeploymentMode;
  /** What somebody said of rollbacks. @default - as CloudFormation has it in this mode, see `rollsBack` */
  readonly rollback?: boolean;
  /** What CloudFormation watches while it updates the stack. @default - what it watches already */
  readonly monitoring?: Monitoring;
  /**
   * Whether CloudFormation also compares what is there, and brings back what drifted
   * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html).
   * @default false
   */
  readonly revertDrift?: boolean;
}

/** How a stack is deployed if nobody says anything else. */
export const STANDARD: DeploymentSettings = { mode: 'standard' };

/** Whether CloudFormation rolls back what fails. In express mode it does so only if it is told to. */
export function rollsBack({ mode, rollback = mode === 'standard' }: DeploymentSettings): boolean {
  return rollback;
}

/**
 * What a change set says of the mode; nothing in standard mode, which older endpoints know as the only one. What it
 * says holds for its execution.
 */
export function deploymentConfig(settings: DeploymentSettings): DeploymentConfig | undefined {
  if (settings.mode === 'standard') return undefined;
  return { Mode: 'EXPRESS', ...(rollsBack(settings) && { DisableRollback: false }) };
}
