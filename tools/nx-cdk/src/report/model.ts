import type { DeployReport } from '../deploy/index.ts';
import type { DiffReport } from '../diff/index.ts';
import type { Recording } from '../progress/index.ts';
import type { Plan } from '../plan/index.ts';
import type { PublishReport } from '../publish/index.ts';

/** Version of the format of the files beside pages. */
export const RUN_FORMAT = 1;

/** The commands of Nx that have a page. */
export type RecordedCommand = CommandRun['command'];

/** What a page is made from. Plain data, with secrets masked. */
export type RunFile = DeployRun | PlanRun | PublishRun;

/** A run of a command of Nx: the page of `nx dev` is only served. */
export type CommandRun = RunFile | DevRun;

/** What a page can show: that of a comparison is written by a job of a CI, by `nx-cdk diff`. */
export type ShownRun = CommandRun | DiffRun;

interface Run {
  readonly format: typeof RUN_FORMAT;
  /** Name of the Nx project. */
  readonly project: string;
  /** @default - all environments */
  readonly environment?: string;
  readonly instance?: string;
  /** Where requests went, such as `127.0.0.1:4566`. @default - to AWS */
  readonly endpoint?: string;
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

/** A comparison for people who must not see secrets: its report holds no value that is not known to be harmless. */
export interface DiffRun extends Run {
  readonly command: 'diff';
  /** Absent if an error ended the command. */
  readonly result?: DiffReport;
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
