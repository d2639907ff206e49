import { join, resolve } from 'node:path';
import { type Listener, masked, type Recorder } from '../progress/index.ts';
import {
  type CommandRun,
  pageOf,
  type RecordedCommand,
  reportsOf,
  RUN_FORMAT,
  type RunFile,
  runName,
} from '../report/index.ts';
import { writeText } from './write-report.ts';

/** What a page is made from. */
export interface PageSource<Command extends RecordedCommand = RecordedCommand> {
  readonly command: Command;
  readonly options: object;
  readonly projectName: string;
  readonly recorder: Recorder;
  /** @default - the command still runs */
  readonly result?: { readonly success: boolean; readonly report?: object };
}

/** Where to write a page. */
interface PageTarget {
  readonly workspaceRoot: string;
  readonly listener: Listener;
}

/** What a page shows, as it is at the moment. */
export function shownRun({ command, options, projectName, recorder, result }: PageSource): CommandRun {
  const { environment, instance } = options as { readonly environment?: string; readonly instance?: string };
  const run = masked({
    format: RUN_FORMAT,
    command,
    project: projectName,
    environment,
    instance,
    success: result?.success ?? true,
    ...(result === undefined && { goesOn: true }),
    result: result?.report,
  });
  // Masked by itself.
  return { ...run, recording: recorder.recording() } as CommandRun;
}

/**
 * Writes what happened in a command as a page, and beside it as JSON, from which the page can be made again. Nothing is
 * written if the command ended before its work began. An error is a warning: the work was done.
 */
export async function writePage(run: RunFile, { workspaceRoot, listener }: PageTarget): Promise<void> {
  if (run.recording.runs.length === 0) return;
  const file = join(reportsOf(run.project), runName(run));
  try {
    await writeText(resolve(workspaceRoot, `${file}.json`), `${JSON.stringify(run)}\n`);
    await writeText(resolve(workspaceRoot, `${file}.html`), await pageOf(run));
    listener({ type: 'message', level: 'info', text: `Report: ${file}.html` });
  } catch (error) {
    listener({ type: 'message', level: 'warning', text: (error as Error).message });
  }
}
