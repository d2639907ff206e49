/** What the plugin adds to each command of Nx: `nx show projects` with it and without it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from 'test-bed';
import { type Command, run } from '../command.ts';
import { repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import { reportProjects, type Run } from './report.ts';
import { makeWorkspaces, type Workspaces } from './workspaces.ts';

/** Measures Nx without its daemon, as CI systems run it, and with it. */
export async function compareProjects(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  say('Building packages and installing them');
  const manifest = await readFile(join(CHECKOUT, 'node_modules', 'nx', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const workspaces = await makeWorkspaces(stage.folder, options.apps, version);
  const both = Object.values(workspaces) as string[];
  const environmentOf = (daemon: boolean) => ({ HOME: stage.home, NX_NO_CLOUD: 'true', NX_DAEMON: String(daemon) });
  const show = (root: string, daemon: boolean): Command => ({
    program: join(root, 'node_modules', '.bin', 'nx'),
    args: ['show', 'projects'],
    cwd: root,
    // In a CI, Nx would start no daemon.
    environment: { ...environmentOf(daemon), CI: 'false' },
  });
  const measureAll = async (daemon: boolean, name: string): Promise<Run[]> => {
    // Nx keeps what it knows of files, and starts its daemon.
    const [one, other] = [await run(show(both[0]!, daemon)), await run(show(both[1]!, daemon))];
    if (one.output !== other.output || !one.output.includes('app-1\n'))
      throw new Error(`The workspaces should have the same projects:\n${one.output}\n${other.output}`);
    return repeat(
      options.runs,
      (line) => say(`${name}: ${line}`),
      (sayInRun, number) =>
        measureBoth(workspaces, number, sayInRun, async (root) => (await run(show(root, daemon))).seconds * 1000),
    );
  };
  try {
    const measurements = {
      apps: options.apps,
      nx: version,
      noDaemon: await measureAll(false, 'no daemon'),
      daemon: await measureAll(true, 'daemon'),
      machine: thisMachine(),
    };
    return { measurements, report: reportProjects(measurements) };
  } finally {
    for (const root of both) await run({ ...show(root, true), args: ['daemon', '--stop'] });
  }
}

/** One after the other, each first in every second run. */
async function measureBoth(
  { withPlugin, withoutPlugin }: Workspaces,
  number: number,
  say: Say,
  milliseconds: (root: string) => Promise<number>,
): Promise<Run> {
  const first = number % 2 === 0 ? await milliseconds(withoutPlugin) : undefined;
  const plugin = await milliseconds(withPlugin);
  const plain = first ?? (await milliseconds(withoutPlugin));
  say(`without ${plain.toFixed(0)} ms, with ${plugin.toFixed(0)} ms`);
  return { without: plain, with: plugin };
}
