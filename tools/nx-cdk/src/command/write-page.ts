import { join, resolve } from 'node:path';
import { type Listener, masked, type Recorder } from '../progress/index.ts';
import { pageOf, type RecordedCommand, RUN_FORMAT, type RunFile, runName } from '../report/index.ts';
import { writeText } from './write-report.ts';

/** What a page is made from. */
interface PageSource {
  readonly command: RecordedCommand;
  readonly options: object;
  readonly projectName: string;
  readonly workspaceRoot: string;
  readonly recorder: Recorder;
  readonly result: { readonly success: boolean; readonly report?: object };
  readonly listener: Listener;
}

/** Where pages are, relative to the root of the workspace; git ignores `dist` in most of them. */
const FOLDER = join('dist', 'reports');

/**
 * Writes what happened in a command as a page, and beside it as JSON, from which the page can be made again. Nothing is
 * written if the command ended before its work began. An error is a warning: the work was done.
 */
export async function writePage(source: PageSource): Promise<void> {
  const { command, options, projectName, workspaceRoot, recorder, result, listener } = source;
  const recording = recorder.recording();
  if (recording.runs.length === 0) return;
  const { environment, instance } = options as { readonly environment?: string; readonly instance?: string };
  const run: RunFile = masked({
    format: RUN_FORMAT,
    command,
    project: projectName,
    environment,
    instance,
    success: result.success,
    recording,
    result: result.report,
  });
  const folder = join(FOLDER, projectName.replaceAll(/[/\\]/g, '-').replace(/^@/, ''));
  const file = join(folder, runName(run));
  try {
    await writeText(resolve(workspaceRoot, `${file}.json`), `${JSON.stringify(run)}\n`);
    await writeText(resolve(workspaceRoot, `${file}.html`), await pageOf(run));
    listener({ type: 'message', level: 'info', text: `Report: ${file}.html` });
  } catch (error) {
    listener({ type: 'message', level: 'warning', text: (error as Error).message });
  }
}
