import type { Project } from '@aws-sdk/client-codebuild';
import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import type { Listener } from 'nx-cdk/progress';
import type { Artifact, ArtifactStore } from './artifact-store.ts';
import type { BuildLog } from './build-log.ts';
import type { Clients, Session } from './clients.ts';
import type { Commit, GitSource } from './git-source.ts';
import type { ServiceSessions } from './sessions.ts';

/** What the actions of one walk share. */
export interface Walk {
  readonly clients: Clients;
  readonly sessions: ServiceSessions;
  /** Who walks the pipeline: reads definitions and projects, and plays no part in any action. */
  readonly caller: Session;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** The definition that is walked now. */
  readonly definition: PipelineDeclaration;
  readonly pipelineArn: string;
  readonly store: ArtifactStore;
  readonly git: GitSource;
  readonly commit: Commit;
  /** Where actions keep their files; absolute. */
  readonly folder: string;
  /** Stands for the environment of this process. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly listener: Listener;
  readonly verbose: boolean;
  /** Whether files of actions that are done stay. */
  readonly keep: boolean;
  /** By name. */
  readonly artifacts: Map<string, Artifact>;
  /** By namespace. */
  readonly namespaces: Map<string, Readonly<Record<string, string>>>;
  /** Said below the table: what could not be tried, or went wrong without failing anything. */
  readonly notes: Set<string>;
}

/** The session that an action is carried out with: the pipeline's role, or the action's own, assumed by it. */
export async function actionSession(walk: Walk, action: RunningAction): Promise<Session> {
  const { sessions, definition, pipelineArn } = walk;
  action.role = definition.roleArn ?? '';
  const pipeline = await sessions.ofService(definition.roleArn ?? '', 'codepipeline.amazonaws.com', pipelineArn);
  if (action.roleArn === undefined) return pipeline;
  // Refused, it is the pipeline's role that lacks something, or the action's that does not trust it.
  const session = await sessions.assume(pipeline, action.roleArn, `${definition.name}-${action.name}`);
  action.role = action.roleArn;
  return session;
}

/** One action while it is carried out. */
export interface RunningAction {
  /** `Build/Synth`; unique in the walk. */
  readonly id: string;
  /** `Synth` */
  readonly name: string;
  /** The action's own role. */
  readonly roleArn: string | undefined;
  /** Configuration with all variables filled in. */
  configuration: Readonly<Record<string, string>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly timeoutInMinutes: number | undefined;
  /** ARN of the role that is at work. */
  role: string;
  /** The last lines of the build, for the error. */
  lines: readonly string[];
  /** Shows what is going on. */
  say(line: string): void;
  /** Notes something that fails nothing. */
  note(text: string): void;
}

/** Values that an action hands on under its namespace. */
export type OutputVariables = Readonly<Record<string, string>>;

/** Folders of one build. */
export interface BuildFolders {
  readonly root: string;
  readonly source: string;
  readonly home: string;
  readonly scratch: string;
}

/** One build, once everything about it is known. */
export interface RunningBuild {
  readonly walk: Walk;
  readonly action: RunningAction;
  readonly project: Project;
  readonly id: string;
  /** Of the project's service role. */
  readonly session: Session;
  readonly folders: BuildFolders;
  readonly log: BuildLog;
}
