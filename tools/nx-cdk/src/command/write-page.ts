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
import { writeNewText, writeText } from './write-report.ts';

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
    ...endpointOf(process.env),
    success: result?.success ?? true,
    ...(result === undefined && { goesOn: true }),
    result: result?.report,
  });
  // Masked by itself.
  return { ...run, recording: recorder.recording() } as CommandRun;
}

/** Which stand-in of AWS was asked, such as the local AWS: a page must not be taken for one of a real deployment. */
function endpointOf({ AWS_ENDPOINT_URL: url }: NodeJS.ProcessEnv): Pick<CommandRun, 'endpoint'> {
  if (!url) return {};
  return { endpoint: URL.parse(url)?.host ?? url };
}

/** Writes the JSON file of a run. Another one may have begun in the same second. @returns the name of the run */
async function writeRun(run: RunFile, folder: string): Promise<string> {
  const text = `${JSON.stringify(run)}\n`;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? runName(run) : `${runName(run)}-${number}`;
    if (await writeNewText(join(folder, `${name}.json`), text)) return name;
  }
}

/**
 * Writes what happened in a command as a page, and beside it as JSON, from which the page can be made again. Nothing is
 * written if the command ended before its work began. The index of all runs knows it then, too. An error is a warning:
 * the work was done.
 */
export async function writePage(run: RunFile, { workspaceRoot, listener }: PageTarget): Promise<void> {
  if (run.recording.runs.length === 0) return;
  const folder = reportsOf(run.project);
  try {
    const name = await writeRun(run, resolve(workspaceRoot, folder));
    const file = join(folder, `${name}.html`);
    await writeText(resolve(workspaceRoot, file), await pageOf(run));
    listener({ type: 'message', level: 'info', text: `Report: ${file}` });
    // Imported late: it is needed now, and not for the command.
    const [{ keepIndex }, { listedRun }] = await Promise.all([
      import('./keep-index.ts'),
      import('../reports/index.ts'),
    ]);
    await keepIndex(workspaceRoot, [listedRun(run, folder, name)]);
  } catch (error) {
    listener({ type: 'message', level: 'warning', text: (error as Error).message });
  }
}
