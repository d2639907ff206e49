import type { Project } from '@aws-sdk/client-codebuild';
import type { BuildLog } from './build-log.ts';
import type { Session } from './clients.ts';
import type { Walk, RunningAction } from './walk.ts';

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
