import type { DeployReport } from '../deploy/index.ts';
import type { Recording } from '../progress/index.ts';
import type { Plan } from '../plan/index.ts';
import type { PublishReport } from '../publish/index.ts';

/** Version of the format of the files beside pages. */
export const RUN_FORMAT = 1;

/** The commands that have a page. */
export type RecordedCommand = ShownRun['command'];

/** What a page is made from. Plain data, with secrets masked. */
export type RunFile = DeployRun | PlanRun | PublishRun;

/** What a page can show: that of `nx dev` is only served. */
export type ShownRun = RunFile | DevRun;

interface Run {
  readonly format: typeof RUN_FORMAT;
  /** Name of the Nx project. */
  readonly project: string;
  /** @default - all environments */
  readonly environment?: string;
  readonly instance?: string;
  readonly success: boolean;
  /** Whether the command still runs. Never in a file. */
  readonly goesOn?: true;
  readonly recording: Recording;
}

export interface DeployRun extends Run {
  readonly command: 'deploy';
  /** Absent if an error ended the command. */
  readonly result?: Partial<DeployReport> & { readonly release?: string };
}

export interface PlanRun extends Run {
  readonly command: 'plan';
  /** Absent if an error ended the command. */
  readonly result?: {
    readonly plan?: Plan;
    /** Of the file of the plan, in 64 hexadecimal digits. */
    readonly digest?: string;
    /** The file of the plan, relative to the root of the workspace. */
    readonly file?: string;
  };
}

export interface PublishRun extends Run {
  readonly command: 'publish';
  /** Absent if an error ended the command. */
  readonly result?: Partial<PublishReport> & { readonly release?: string };
}

/** A session of `nx dev`: each deployment of an edit is a run of its own. */
export interface DevRun extends Run {
  readonly command: 'dev';
}

/** Name of the files of a run, without an ending: `2026-11-28-231500-deploy-staging`. The last one is the newest. */
export function runName({ command, environment, instance, recording }: RunFile): string {
  const [day, time = ''] = recording.startedAt.split('T');
  const moment = `${day}-${time.slice(0, 8).replaceAll(':', '')}`;
  return [moment, command, environment, instance].filter((part) => part !== undefined).join('-');
}
