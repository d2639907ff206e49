import { delimiter } from 'node:path';
import { rm } from 'node:fs/promises';
import type { ScratchWorkspace, WorkspaceBed } from 'test-bed';

/** What the suite reads of an action in the report of a rehearsal. */
export interface WalkedAction {
  readonly stage: string;
  readonly action: string;
  readonly provider: string;
  readonly role: string;
  readonly outcome: 'passed' | 'failed' | 'not run';
  readonly denied?: { readonly action: string };
}

/** A rehearsal that has ended. */
export interface Walk {
  readonly code: number;
  /** Everything it wrote, with each line of every build. */
  readonly output: string;
  readonly changes: readonly string[];
  /** What actions that failed wrote last: the reason, in the output of a test. */
  readonly failed: readonly string[];
  readonly actions: readonly WalkedAction[];
  /** Names of the stages, in their order. */
  readonly stages: readonly string[];
  /** What the builds of a stage wrote, or the one of an action (`staging/Deploy-...`). */
  log(of: string): string;
}

/**
 * Walks the pipeline of a test bed as the root user of the CI account, which on a laptop is what the local AWS gives.
 * Without what the target depends on: that would start the default instance of this machine, and the bed has one of its
 * own.
 *
 * @param programs a folder whose programs come before those of this machine, in every step
 */
export async function walkOf(bed: WorkspaceBed, args: readonly string[], programs?: string): Promise<Walk> {
  const path = [bed.workspace.path('node_modules', '.bin'), process.env['PATH']];
  const report = `tmp/walk-${Math.random().toString(36).slice(2)}.json`;
  const { code, output } = await bed.workspace.run(
    'nx',
    ['rehearse', 'pipeline', '--excludeTaskDependencies', '--verbose', `--report=${report}`, ...args],
    { ...bed.local.environment(), ...(programs === undefined ? {} : { PATH: [programs, ...path].join(delimiter) }) },
  );
  const { actions, changes } = await bed.workspace
    .readJson<{ actions: WalkedAction[]; changes: string[] }>(report)
    .catch((cause: unknown) => {
      throw new Error(`The rehearsal left no report:\n${output}`, { cause });
    });
  return {
    code,
    output,
    changes,
    failed: actions
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ stage }) => `${stage}:\n${logOf(output, stage).split('\n').slice(-30).join('\n')}`),
    actions,
    stages: [...new Set(actions.map(({ stage }) => stage))],
    log: (of) => logOf(output, of),
  };
}

function logOf(output: string, of: string): string {
  return output
    .split('\n')
    .filter((line) => line.includes(`[${of}/`) || line.includes(`[${of}]`))
    .join('\n');
}

/** Makes a commit with another `environments.json`. */
export async function commitEnvironments(workspace: ScratchWorkspace, environments: object): Promise<void> {
  await workspace.write('environments.json', `${JSON.stringify(environments, null, 2)}\n`);
  await workspace.commit('Change the environments');
}

/**
 * Deploys the one container image as a zip file instead. A step of the pipeline is a CI, which leaves nothing out:
 * without a tool that builds images, every walk would end at Publish.
 */
export async function withoutImages(workspace: ScratchWorkspace): Promise<void> {
  const handler = 'libs/handlers/packing-list';
  await rm(workspace.path(handler, 'Dockerfile'));
  await workspace.replace(`${handler}/asset.ts`, "runtime: 'image'", "runtime: 'provided.al2023'");
  await workspace.commit('Deploy no image');
}
