/** What to look up. */
export interface LookupsRequest {
  readonly workspaceRoot: string;
  /** Folder of the `cdk.json` and the `cdk.context.json`. */
  readonly projectRoot: string;
  /** Context values, which win over those of `cdk.json` and `cdk.context.json`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * Whether values that are there are looked up again.
   * @default false
   */
  readonly refresh?: boolean;
  /**
   * Patterns of the values to look up again, if not all of them are meant; they imply `refresh`.
   * @default - all
   */
  readonly keys?: readonly string[];
}

/**
 * What became of a value. `kept`: it was there, and nobody looked whether it still is right. `unused`: the app did not
 * ask for it any more, so it is gone.
 */
export type LookupOutcome = 'added' | 'changed' | 'unchanged' | 'kept' | 'unused';

/** A looked-up value. */
export interface LookupValue {
  /** As in `cdk.context.json`. */
  readonly key: string;
  /** The same for people: `ssm /shop/vpc of 111111111111/eu-west-1`. */
  readonly name: string;
  readonly outcome: LookupOutcome;
  readonly old?: unknown;
  readonly new?: unknown;
}

/** What came of a run. */
export interface LookupsReport {
  readonly success: boolean;
  readonly interrupted: boolean;
  /** Absolute path of `cdk.context.json`. */
  readonly file: string;
  /** Whether the file is another one than before. */
  readonly changed: boolean;
  readonly values: readonly LookupValue[];
  readonly milliseconds: number;
}
