import { describeMachine, type Goal, type Machine, promised, table } from '../report.ts';
import { spreadOf, text } from '../statistics.ts';

/** Milliseconds. What a command of Nx may take longer with the plugin. */
const MOST = 150;

/** One command of Nx in each workspace, in milliseconds. */
export interface Run {
  readonly without: number;
  readonly with: number;
}

/** All that was measured. */
export interface Measurements {
  /** How many CDK apps the workspaces have. */
  readonly apps: number;
  /** Version of Nx. */
  readonly nx: string;
  readonly noDaemon: readonly Run[];
  readonly daemon: readonly Run[];
  readonly machine: Machine;
}

/** The report as people read it. */
export function reportProjects(measurements: Measurements): string {
  const { apps, nx, noDaemon, daemon, machine } = measurements;
  const rows = [['no daemon', noDaemon] as const, ['daemon', daemon] as const].map(([name, runs]) => [
    name,
    text(spreadOf(runs.map((run) => run.without)), 0),
    text(spreadOf(runs.map((run) => run.with)), 0),
    difference(runs).toFixed(0),
  ]);
  const runs = noDaemon.length;
  return [
    `nx show projects with Nx ${nx} in a workspace of ${apps} CDK apps, ${runs} run${runs > 1 ? 's: medians (least - most)' : ''}, in milliseconds`,
    '',
    ...table([['', 'without nx-cdk', 'with nx-cdk', 'difference'], ...rows]),
    '',
    'Both workspaces have the same packages and files, and differ in the plugins of nx.json. They take turns.',
    describeMachine(machine),
    '',
    ...promised(goalsOfProjects(measurements)),
  ].join('\n');
}

/** Compares with what is promised; medians count, since a busy machine holds up one command of many. */
export function goalsOfProjects({ noDaemon, daemon }: Measurements): Goal[] {
  return [['without the daemon', noDaemon] as const, ['with the daemon', daemon] as const].map(([name, runs]) => ({
    promise: `${name}: at most ${MOST} ms more with nx-cdk`,
    measured: `${difference(runs).toFixed(0)} ms`,
    met: difference(runs) <= MOST,
  }));
}

/** Of the medians. */
function difference(runs: readonly Run[]): number {
  return spreadOf(runs.map((run) => run.with)).median - spreadOf(runs.map((run) => run.without)).median;
}
