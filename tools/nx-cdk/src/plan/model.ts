/*
 * What a plan holds. Plain data, written as JSON: the same release and the same stacks give the same bytes, so there is
 * no time, no commit, and one order for each list. No values of properties or parameters: any may be secret.
 */

import type { PlanException, PlanRule } from '@nx-cdk/environments';
import type { LeftBehindStack } from '../cloudformation/index.ts';
import type { OutputChanges } from '../deploy/index.ts';

/** Version of the format. */
export const PLAN_FORMAT = 1;

/** What a deployment of some stacks of a release would change. */
export interface Plan {
  readonly format: typeof PLAN_FORMAT;
  /** Name of the project. */
  readonly project: string;
  /** Digest of the release: that of `release.json`. */
  readonly release: string;
  /** In the order of the assembly. */
  readonly stacks: readonly PlannedStack[];
  /** Whether the deployment brings back what drifted. @default false */
  readonly revertsDrift?: true;
  /** What the app has left behind, as far as it was seen; absent if that is nothing. By target and name. */
  readonly leftBehind?: readonly LeftBehindStack[];
  /**
   * What the deployment deletes in the end, each stack after those that import what it exports. Absent if it was not
   * asked to delete what was left behind.
   */
  readonly deletions?: readonly PlannedDeletion[];
  /** What the rules of the workspace say of it. Absent if they have nothing to say. */
  readonly verdict?: Verdict;
}

/** What rules say of a plan. */
export interface Verdict {
  /** Why it may not be deployed. */
  readonly refused: readonly RefusedChange[];
  /** What would be refused, and is accepted by an exception. */
  readonly accepted: readonly AcceptedChange[];
}

/** One thing that a rule is against. */
export interface Violation {
  readonly rule: PlanRule;
  /** Id of the stack; the name of one that was left behind. */
  readonly stack: string;
  /** A path in the construct tree, or a logical id. Absent if it is about the whole stack. */
  readonly resource?: string;
  readonly what: string;
}

export interface RefusedChange extends Violation {
  /** The exception that has run out; absent if there was none. */
  readonly ended?: Pick<PlanException, 'reason' | 'until'>;
}

export interface AcceptedChange extends Violation, Pick<PlanException, 'reason' | 'until'> {}

/** A stack that was left behind, and what its deletion does. */
export interface PlannedDeletion extends Omit<LeftBehindStack, 'status' | 'stays'> {
  /** What the stack was when its deletion was shown. */
  readonly basis: StackBasis;
  /** The execution role that it is deleted with; absent if CloudFormation uses the one that it knows. */
  readonly executionRoleArn?: string;
  /** Ids (ARNs) of the stacks of the list that have to be gone before. */
  readonly after: readonly string[];
  /** In the order of their logical ids: `Remove`, or `Retain` for a resource that stays when its stack is gone. */
  readonly changes: readonly PlannedChange[];
  /** Whether a transform may have added resources that its template does not name. @default false */
  readonly transformed?: boolean;
}

/** As much of a deletion as rules are asked about. `stackName`: what exceptions name, so the id of one of the app. */
export type JudgedDeletion = Pick<PlannedDeletion, 'stackName' | 'account' | 'region' | 'changes' | 'transformed'>;

/** What a deployment would do to one stack. */
export interface PlannedStack {
  /** Path of the stack in the construct tree: `staging/Data`. */
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  /** `recreate`: a stack whose creation failed is deleted and created anew. */
  readonly outcome: 'create' | 'recreate' | 'update' | 'unchanged';
  /** The mode that it is deployed in. @default 'standard' */
  readonly deploymentMode?: 'express';
  /** Why it is not unchanged, such as `template differs`. */
  readonly reasons: readonly string[];
  /** What the stack was when it was planned; null if there was none. */
  readonly basis: StackBasis | null;
  /** Identifies what is wanted, except values of secret parameters. Part of the names of change sets. */
  readonly desired: string;
  /**
   * Identifies the values that are given to secret parameters; absent if none is given. See `secretsDigest` for what a
   * reader of the plan could find out by it.
   */
  readonly secrets?: string;
  /** What termination protection is switched to; absent if it stays. */
  readonly terminationProtection?: boolean;
  /** In the order of their logical ids. Of a new stack: the resources of its template. */
  readonly changes: readonly PlannedChange[];
  /** Outputs whose definition changes, by name; absent if none does, and of a new stack. */
  readonly outputs?: OutputChanges;
  /** Whether a new stack may get resources that its template does not name, by a transform. @default false */
  readonly transformed?: boolean;
  readonly permissions: PlannedPermissions;
  /** What becomes reachable for everybody, besides by permissions. Absent if nothing does. */
  readonly exposed?: readonly Exposure[];
  /** What had drifted when it was planned, by name; absent if nobody asked, or there is no stack. */
  readonly drift?: readonly PlannedDrift[];
}

/** A resource that is not as it was deployed. */
export interface PlannedDrift extends Pick<PlannedChange, 'logicalId' | 'resourceType' | 'constructPath'> {
  /** Logical ids of the nested stacks that it is in. @default none */
  readonly nestedIn?: string;
  readonly status: 'modified' | 'deleted';
  /** Paths of the properties that differ. */
  readonly properties: readonly string[];
}

/** What makes a resource reachable for everybody, or may do so. */
export interface Exposure {
  /** Its path in the construct tree; its logical id if it has none. */
  readonly resource: string;
  /** `its Lambda function URL asks for no sign-in` */
  readonly text: string;
}

/** A stack as a plan found it. */
export interface StackBasis {
  readonly stackId: string;
  readonly status: string;
  /** When it was last updated; ISO 8601 in UTC. */
  readonly updatedAt: string;
  /** The change set that was executed last, as far as CloudFormation says so. */
  readonly changeSet?: string;
  /** SHA-256 of the deployed template, in hex. Absent for a stack that stays as it is. */
  readonly template?: string;
}

/** What a deployment would do to one resource. */
export interface PlannedChange {
  /** In the words of CloudFormation: `Add`, `Modify`, `Remove`, `Import`, `Dynamic`, `SyncWithActual`. */
  readonly action: string;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly constructPath?: string;
  readonly replacement: 'never' | 'maybe' | 'always';
  /** Paths of the properties that change: `Tags`, `Environment.Variables.MODE`. */
  readonly properties: readonly string[];
  /** What somebody did to it by other means, which the deployment brings back. */
  readonly drift?: 'modified' | 'deleted';
  /** If a resource that holds data is removed or replaced: whether its data is deleted, kept, or kept as a snapshot. */
  readonly data?: 'lost' | 'kept' | 'snapshot';
}

/** What the stack would allow that it does not allow now, and the other way round. */
export interface PlannedPermissions {
  /** Whether anybody may do more than now, or that is not known. */
  readonly widened: boolean;
  readonly lines: readonly PermissionLine[];
}

/** One statement, policy or rule, in one line. */
export interface PermissionLine {
  readonly widens: boolean;
  /** Whether it lets everybody in, or that is not known. @default false */
  readonly public?: boolean;
  /** What it belongs to: a path in the construct tree, or a logical id. Absent for a whole template. */
  readonly resource?: string;
  /** `+ Allow sqs:SendMessage on ${Queue.Arn} to ${Role}`; `-` if it goes, `?` if that is not known. */
  readonly text: string;
}
