import type { Project } from '@aws-sdk/client-codebuild';
import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import type { Listener } from 'nx-cdk/progress';
import type { BuildLog } from './build-log.ts';
import type { Clients, RoleSession, Session } from './clients.ts';
import type { Commit } from './commit.ts';

/** What the actions of one walk share. */
export interface Walk {
  readonly clients: Clients;
  /** Reads definitions and projects; takes no part in any action. */
  readonly caller: Session;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** The current one: a pipeline may change itself during the walk. */
  definition: PipelineDeclaration;
  readonly commit: Commit;
  /** Where actions keep their files; absolute. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly listener: Listener;
  /** Whether each line of every build is shown. */
  readonly verbose: boolean;
  /** Whether files of finished actions stay. */
  readonly keep: boolean;
  /** By name. */
  readonly artifacts: Map<string, Artifact>;
  /** Values that actions hand on, by namespace; `variables` are the pipeline's own. */
  readonly namespaces: Map<string, OutputVariables>;
  /** Asks for an approval if it is not given in advance. @throws Failure `NotApproved` */
  readonly approve: (id: string, details: string | undefined) => Promise<void>;
  /** What could not be tried, or went wrong without failing anything; shown below the table. */
  readonly notes: Set<string>;
}

/** What one action hands to later ones. */
export interface Artifact {
  readonly bucket: string;
  readonly key: string;
  /** A zip archive, or a reference by which CodeBuild clones the repository. */
  readonly kind: 'zip' | 'clone';
  /** The connection by which the repository is cloned. */
  readonly connectionArn?: string;
  /** The commit, or the version of the object, that a source fetched; what a build made has none. */
  readonly revision?: string;
}

/** One action while it runs. */
export interface RunningAction {
  /** `Build/Synth`; unique in the walk. */
  readonly id: string;
  /** `Synth` */
  readonly name: string;
  /** The action's own role. */
  readonly roleArn: string | undefined;
  /** With all variables filled in. */
  configuration: Readonly<Record<string, string>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly timeoutInMinutes: number | undefined;
  /** ARN of the role that is used now. */
  role: string;
  /** The last lines of the build, for the error. */
  lines: readonly string[];
  /** Shows a line of progress. */
  say(line: string): void;
  /** Notes a problem that fails nothing. */
  note(text: string): void;
}

/** Values that an action hands on under its namespace. */
export type OutputVariables = Readonly<Record<string, string>>;

/** One build, once everything about it is known. */
export interface RunningBuild {
  readonly walk: Walk;
  readonly action: RunningAction;
  readonly project: Project;
  readonly id: string;
  /** Of the project's service role. */
  readonly session: RoleSession;
  /** Absolute. */
  readonly folders: Readonly<Record<'root' | 'source' | 'home' | 'scratch', string>>;
  readonly log: BuildLog;
}
