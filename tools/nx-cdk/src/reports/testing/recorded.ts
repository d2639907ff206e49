import { join } from 'node:path';
import { reportsOf, RUN_FORMAT, runName, type RunFile } from '../../report/index.ts';
import type { TemporaryWorkspace } from '../../testing/temporary-workspace.ts';

/** A run as it is to be recorded. */
interface Recorded {
  /** @default 'shop' */
  readonly project?: string;
  /** @default 'deploy' */
  readonly command?: RunFile['command'];
  readonly environment?: string;
  /** When it began. @default '2026-11-28T00:00:00.000Z' */
  readonly at?: string;
  /** @default true */
  readonly success?: boolean;
  /** Whether rules refuse the plan. @default false */
  readonly refused?: boolean;
  /** @default - no stacks */
  readonly result?: object;
}

/** Writes the files of a run, as a command does. @returns the name of the run */
export function recorded(
  workspace: TemporaryWorkspace,
  {
    project = 'shop',
    command = 'deploy',
    environment,
    at = '2026-11-28T00:00:00.000Z',
    success = true,
    refused = false,
    result = refused ? { plan: { verdict: { refused: [{}], accepted: [] } } } : { stacks: [] },
  }: Recorded,
): string {
  const recording = { startedAt: at, milliseconds: 61_000, runs: [], calls: [], retried: [], messages: [] };
  const run = { format: RUN_FORMAT, command, project, environment, success, recording, result } as RunFile;
  const name = runName(run);
  workspace.write(join(reportsOf(project), `${name}.json`), run);
  workspace.write(join(reportsOf(project), `${name}.html`), 'a page');
  return name;
}
