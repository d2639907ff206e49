import type { Conversation } from './approval.ts';
import type { Denial } from 'nx-cdk/failure';

/** What a walk is asked for. */
export interface WalkRequest {
  /** The workspace, a git repository; absolute. */
  readonly workspace: string;
  /** The stacks that hold the pipeline; asked for once the preparations are done, which may have made them. */
  readonly stacks: () => readonly PipelineStack[];
  /** Name of the pipeline, if the stacks hold several. @default - the only one */
  readonly pipeline?: string;
  /** What git takes for the commit to walk. @default HEAD */
  readonly source?: string;
  /** Approve every approval without asking. @default false */
  readonly approve?: boolean;
  /** Actions of equal run order that run at a time. @default 2 */
  readonly parallel?: number;
  /** Name of the last stage to walk. @default - the last one there is */
  readonly until?: string;
  /** Keep the work folder. @default false */
  readonly keep?: boolean;
  /** Show each line of every build. @default false */
  readonly verbose?: boolean;
  /** Done before the pipeline is looked at: bootstrapping, deploying. */
  readonly preparations: readonly Preparation[];
  /** Where approvals are asked for. */
  readonly conversation: Conversation;
}

/** A stack of the app that has the pipeline. */
export interface PipelineStack {
  readonly stackName: string;
  /** 12 digits, or `unknown-account`. */
  readonly account: string;
  /** Or `unknown-region`. */
  readonly region: string;
}

/** Something that has to be done first. */
export interface Preparation {
  /** What people read: `deploy the pipeline`. */
  readonly label: string;
  /** @param onLine hears of each line of output @returns an exit code */
  run(onLine: (line: string) => void, signal: AbortSignal | undefined): Promise<number>;
}

/** How an action ended. */
export interface ActionReport {
  readonly stage: string;
  readonly action: string;
  /** `CodeBuild`, `Manual`, ... */
  readonly provider: string;
  /** Name of the role that was at work last; empty if none was. */
  readonly role: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failed' | 'not run';
  /** One sentence, if it failed. */
  readonly message?: string;
  /** What was not allowed, if that was the reason. */
  readonly denied?: Denial;
}

/** How a walk ended. Plain data: can be written as JSON. */
export interface WalkReport {
  readonly success: boolean;
  readonly interrupted: boolean;
  readonly pipeline: string;
  readonly account: string;
  readonly region: string;
  /** Full name of the commit that was walked. */
  readonly commit: string;
  readonly milliseconds: number;
  /** In the order of the pipeline. */
  readonly actions: readonly ActionReport[];
  /** How the pipeline changed itself on the way, if it did. */
  readonly changes: readonly string[];
  /** What could not be tried, or went wrong without failing anything. */
  readonly notes: readonly string[];
}
