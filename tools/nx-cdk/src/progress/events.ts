import type { ReportedFailure } from '../failure/index.ts';
import type { Outcome } from './outcome.ts';

export type { Outcome };

/**
 * What the engines say while they work; they know nothing of terminals. An item is what one line of the display stands
 * for: a stack, an asset, a target.
 */
export type ProgressEvent =
  RunStarted | ItemStarted | ItemProgress | ItemParts | ItemFinished | Message | AwsCall | RunFinished;

/** Receives events. Never throws; never blocks. */
export type Listener = (event: ProgressEvent) => void;

/** The first event of a run. */
export interface RunStarted {
  readonly type: 'run-started';
  /** `publish`, `deploy`, `destroy (dry run)` */
  readonly action: string;
  /** How many items there will be. */
  readonly items: number;
  /** What the run is about, such as `4 stacks in 2 targets`. */
  readonly subject: string;
  /** What waits for what. @default - nothing waits */
  readonly order?: readonly OrderedItem[];
}

/** What has to be done before an item starts. */
export interface OrderedItem {
  /** Of an item, or of a barrier. */
  readonly id: string;
  /** Ids of the items and barriers that it waits for. */
  readonly after: readonly string[];
  /** `111111111111/eu-west-1` */
  readonly where?: string;
  /** Whether it is no item: a place between two environments where promotion waits. @default false */
  readonly barrier?: true;
}

export interface ItemStarted {
  readonly type: 'item-started';
  readonly id: string;
  /** What people read: `staging/Data`. */
  readonly label: string;
  /** `111111111111/eu-west-1` */
  readonly where?: string;
}

export interface ItemProgress {
  readonly type: 'item-progress';
  readonly id: string;
  /** What is going on: `creating change set`, `AWS::DynamoDB::Table Orders CREATE_IN_PROGRESS`. */
  readonly step: string;
  /** Units done, of `total`: resources of a stack, bytes of a file. */
  readonly done?: number;
  readonly total?: number;
  /** Whether a log shows the step as well, not only a live view. @default false */
  readonly milestone?: boolean;
}

/** When the parts of an item were worked on. Nobody shows it while it happens: it is for pages that show a run. */
export interface ItemParts {
  readonly type: 'item-parts';
  readonly id: string;
  /** Milliseconds since the work began that the times of the parts count from. */
  readonly since: number;
  readonly parts: readonly ItemPart[];
}

/** A part of an item: a resource of a stack. */
export interface ItemPart {
  /** Logical id of the resource. */
  readonly name: string;
  /** `AWS::SQS::Queue` */
  readonly kind: string;
  readonly constructPath?: string;
  /** Milliseconds since the work on the item began. */
  readonly startedAt: number;
  readonly milliseconds: number;
  /** Its status in the end: `CREATE_COMPLETE`. */
  readonly status: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** How an item ended. */
export interface ItemEnd {
  readonly outcome: Outcome;
  /** One line: what changed, or why not. */
  readonly detail?: string;
  /** Further lines, such as the failed resources with the root cause first. */
  readonly lines?: readonly string[];
  /** Why it failed, as data; `detail` says the same to people. */
  readonly failure?: ReportedFailure;
}

export interface ItemFinished extends ItemEnd {
  readonly type: 'item-finished';
  readonly id: string;
  readonly milliseconds: number;
}

/** Something people should read that belongs to no item, or to one without ending it. */
export interface Message {
  readonly type: 'message';
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
  readonly id?: string;
  /** Of an error that ends a command: the same as data. */
  readonly failure?: ReportedFailure;
}

/** One request to AWS; shown with `--verbose` only. Holds no parameter and no credential. */
export interface AwsCall {
  readonly type: 'aws-call';
  readonly service: string;
  readonly action: string;
  /** Name of the role it was made with, or `caller` for the credentials of the process. */
  readonly role: string;
  readonly target: string;
  readonly milliseconds: number;
  /** HTTP attempts; more than one means that the call was retried. */
  readonly attempts: number;
  /** Error code, if the call failed in the end. */
  readonly error?: string;
}

/** The last event of a run. */
export interface RunFinished {
  readonly type: 'run-finished';
  readonly success: boolean;
  /** One line, such as `4 stacks: 1 updated, 3 unchanged`. */
  readonly summary: string;
  readonly milliseconds: number;
}
