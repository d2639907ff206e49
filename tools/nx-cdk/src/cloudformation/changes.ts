/** What was wanted of a stack, and what there was. */
export interface StackSnapshot {
  /** Identifies what is wanted: template, tags, roles and parameters but for secret ones. */
  readonly desired: string;
  /** The stack; absent where there was none. */
  readonly stack?: {
    readonly id: string;
    readonly status: string;
    /** Milliseconds since the epoch. */
    readonly updatedAt: number;
    /** The change set that was executed last, as far as CloudFormation says so. */
    readonly changeSetId?: string;
  };
}

/** What a change set said that it would do. */
export interface Changes {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  /** Part of `modified`: those that CloudFormation replaces, or may replace. */
  readonly replaced: number;
  readonly resources: readonly ResourceChange[];
  /**
   * Who says so: CloudFormation by a change set, the template of a stack that is not there yet, or the comparison that
   * found a stack unchanged. Absent where nobody can say what would change.
   */
  readonly from?: 'change-set' | 'template' | 'comparison';
}

export interface ResourceChange {
  readonly action: string;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly replacement?: 'always' | 'maybe';
  readonly constructPath?: string;
  /** What of it changes, where a change set tells. */
  readonly properties?: readonly PropertyChange[];
  /**
   * What happens to the old resource where it is removed or replaced, as far as a change set tells, such as `Delete` or
   * `ReplaceAndRetain`.
   */
  readonly policyAction?: string;
}

/** A property, or an attribute of a resource such as `Metadata`, that changes. Holds no value: it may be secret. */
export interface PropertyChange {
  /** `Tags`, `Environment.Variables.MODE` */
  readonly path: string;
  /**
   * Why: `template` and `parameter` are known to change. What refers to another resource (`reference`) only changes
   * where that one turns out to get another name or attribute.
   */
  readonly by: 'template' | 'parameter' | 'reference';
}

/** A resource that failed. */
export interface FailureCause {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string;
  readonly constructPath?: string;
  /** Such as `stack.ts:14`, where the assembly was synthesized with stack traces. */
  readonly source?: string;
}

export const NO_CHANGES: Changes = { added: 0, modified: 0, removed: 0, replaced: 0, resources: [] };

/** Of a stack that was compared with what is wanted. */
export const UNCHANGED: Changes = { ...NO_CHANGES, from: 'comparison' };
