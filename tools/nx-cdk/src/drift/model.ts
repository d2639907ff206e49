import type { ResourceOrigin } from '../assembly/index.ts';
import type { StackFacts } from '../cloudformation/index.ts';
import type { ReportedFailure } from '../failure/index.ts';

/** How a look for drift ended. Plain data: can be written as JSON. */
export interface DriftReport {
  /** False if a stack could not be looked at, or a resource of it. Drift alone is a success. */
  readonly success: boolean;
  /** Whether anything is not as CloudFormation last deployed it. */
  readonly drifted: boolean;
  /** True if the run was interrupted before it was done. */
  readonly interrupted: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly StackDriftReport[];
}

export interface StackDriftReport extends StackFacts, StackDrift {
  readonly seconds: number;
}

/** What was found out about a stack, its nested stacks included. */
export interface StackDrift {
  readonly outcome: 'drifted' | 'in-sync' | 'not-deployed' | 'failed' | 'skipped';
  /** What is not as it should be, and what could not be read. In no particular order. */
  readonly resources: readonly DriftedResource[];
  /** Resources of types that CloudFormation does not compare. */
  readonly notChecked: readonly StackResource[];
  /** Why it was skipped. */
  readonly reason?: string;
  readonly failure?: ReportedFailure;
}

/** A resource of a stack. What the assembly knows of it is absent in a nested stack. */
export interface StackResource extends ResourceOrigin {
  readonly logicalId: string;
  readonly resourceType: string;
  /** Logical ids of the nested stacks that it is in, from the outermost on: `Network/Subnets`. @default none */
  readonly nestedIn?: string;
}

export interface DriftedResource extends StackResource {
  readonly physicalId: string;
  /** `unknown`: CloudFormation could not read it. */
  readonly status: 'modified' | 'deleted' | 'unknown';
  /** What of it differs; empty unless it is `modified`. In the order of their paths. */
  readonly properties: readonly DriftedProperty[];
  /** Why it could not be read, as CloudFormation says it. */
  readonly reason?: string;
}

/** A property that is not as CloudFormation last deployed it. */
export interface DriftedProperty {
  /** `VisibilityTimeout`, `Environment.Variables.MODE`, `Tags.0` */
  readonly path: string;
  readonly difference: 'changed' | 'added' | 'removed';
  /** What it was deployed as, with secrets masked; absent if it was added since. */
  readonly expected?: unknown;
  /** What it is, with secrets masked; absent if it was removed. */
  readonly actual?: unknown;
}
