import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import type {
  Changes,
  DeploymentMode,
  Monitoring,
  FailureCause,
  GivenParameters,
  SeenStack,
  StackFacts,
  StackOwner,
} from '../cloudformation/index.ts';
import type { ReportedFailure } from '../failure/index.ts';
import type { LeftBehindReport } from './left-behind.ts';
import type { RunEnd } from '../progress/index.ts';
import type { OutputChanges } from './output-changes.ts';
import type { VerificationReport } from './verification.ts';

/** What a deploy run is asked to do. */
export interface DeployRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to deploy; see `selectStacks`. */
  readonly stacks: readonly string[];
  /**
   * Groups in promotion order: every stack of a later group waits for all stacks of the earlier ones, and is skipped
   * if one of those fails. Stacks in no group wait for their dependencies only.
   */
  readonly promotion?: readonly PromotionGroup[];
  /** Whose stacks they are; the names of change sets say it. @default - they do not */
  readonly owner?: StackOwner;
  /** Digest of the release that is deployed; the names of change sets say it. @default - they do not */
  readonly release?: string;
  /** Parameters of the command line. @default none */
  readonly parameters?: GivenParameters;
  /** SHA-256 of the templates that the release holds, by id of the stack. @default - any template will do */
  readonly templates?: ReadonlyMap<string, string>;
  /** Stacks that are worked on at the same time. @default 10 */
  readonly concurrency?: number;
  /** Stacks that are worked on at the same time in one target: CloudFormation throttles by target. @default 10 */
  readonly concurrencyPerTarget?: number;
  /** Let CloudFormation compare stacks that look unchanged. @default false */
  readonly force?: boolean;
  /**
   * Whether CloudFormation rolls a failed stack back, or leaves it as it is for a closer look.
   * @default - true in standard mode; in express mode false, but true where a resource is replaced
   */
  readonly rollback?: boolean;
  /**
   * The mode that CloudFormation deploys a stack in, by the id of the stack. In express mode a stack counts as deployed
   * before its resources are ready, also for what waits for it.
   * @default - standard for all
   */
  readonly deploymentMode?: (stackId: string) => DeploymentMode;
  /** Let CloudFormation bring back what drifted, also in stacks that look unchanged. @default false */
  readonly revertDrift?: boolean;
  /**
   * The alarms that CloudFormation watches while it updates a stack, by the id of the stack; not while it creates one.
   * @default - those that a stack has
   */
  readonly monitoring?: (stackId: string) => Monitoring | undefined;
}

export type StackOutcome = 'created' | 'updated' | 'unchanged' | 'planned' | 'failed' | 'skipped';

/** How a run ended. Plain data. */
export interface DeployReport extends RunEnd {
  /** In the order of the assembly. */
  readonly stacks: readonly StackReport[];
  /** The checks of environments, in promotion order; absent if there were none. */
  readonly verified?: readonly VerificationReport[];
  /** What the app has left behind, as far as the run saw it; absent if nobody is known to own the stacks. */
  readonly leftBehind?: LeftBehindReport;
}

export interface StackReport extends StackFacts, StackResult {
  readonly seconds: number;
}

/** How a stack ended, and what changed. */
export interface StackResult {
  readonly outcome: StackOutcome;
  /** Why the stack was not unchanged, why it was skipped, or what was special on the way. */
  readonly notes: readonly string[];
  readonly changes: Changes;
  /** Outputs of the stack as it is now. CloudFormation itself masks values of `NoEcho` parameters. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Outputs that are others than before, by name; absent if all are the same, and of a new stack. */
  readonly outputChanges?: OutputChanges;
  /** What the run saw before it changed anything; absent if it could not look. */
  readonly seen?: SeenStack;
  readonly failure?: StackFailure;
}

export interface StackFailure extends ReportedFailure {
  /** The resources that failed, the root cause first. */
  readonly causes: readonly FailureCause[];
}
