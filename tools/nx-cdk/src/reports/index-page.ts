import { basename, dirname } from 'node:path';
import {
  duration,
  filtersOf,
  html,
  type Html,
  kindOf,
  moment,
  name,
  outcomeBadge,
  pageWith,
  REPORTS_FOLDER,
  reportsOf,
  type Section,
  table,
} from '../report/index.ts';
import type { ListedRun } from './runs.ts';
import { whereOf } from './text.ts';

/** What the index of the runs of a workspace is made from. */
export interface ReportsIndex {
  /** Those that are listed, of all projects, the newest first. */
  readonly runs: readonly ListedRun[];
  /** How many there are besides. */
  readonly older: number;
  /** Pages that draw the architecture of a project, relative to the root of the workspace. */
  readonly drawings: readonly string[];
  /** When it is made, ISO 8601 in UTC. */
  readonly madeAt: string;
}

/** The page that leads to the pages of all runs. */
export function indexPage({ runs, older, drawings, madeAt }: ReportsIndex): string {
  const byProject = Map.groupBy(runs, ({ project }) => project);
  // A project without runs is called like its folder.
  const nameOf = (folder: string) => [...byProject.keys()].find((project) => reportsOf(project) === folder);
  const architectures = new Map(drawings.map((file) => [nameOf(dirname(file)) ?? basename(dirname(file)), file]));
  const projects = [...new Set([...byProject.keys(), ...architectures.keys()])];
  const failed = runs.filter((run) => kindOf(run.outcome) === 'failed').length;
  return pageWith({
    title: 'Reports of runs',
    facts: [
      ['Runs', `${runs.length}, ${failed} of them failed or refused`],
      ...(older > 0 ? [['Older', `${older}, not listed`] as const] : []),
      ['Projects', String(projects.length)],
      ['Listed', moment(madeAt)],
    ],
    sections: projects.map((project, index) =>
      sectionOf(project, index, byProject.get(project) ?? [], architectures.get(project)),
    ),
    footer: 'the runs that were recorded here',
  });
}

function sectionOf(
  project: string,
  index: number,
  runs: readonly ListedRun[],
  architecture: string | undefined,
): Section {
  const list = `runs-${index}`;
  const failed = runs.filter((run) => kindOf(run.outcome) === 'failed').length;
  const kinds = failed === 0 ? [] : [['failed', 'failed or refused', failed] as const];
  const body = [
    architecture !== undefined && html`<p><a href="${linkTo(architecture)}">Architecture</a></p> `,
    runs.length > 10 && filtersOf(list, kinds, `runs of ${project}`, { all: runs.length }),
    runs.length > 0 && tableOf(runs, list),
  ];
  return { id: `project-${index}`, title: project, body };
}

function tableOf(runs: readonly ListedRun[], list: string): Html {
  const rows = runs.map((run) => {
    const { command, outcome, startedAt, milliseconds, file } = run;
    return html`<tr data-kind="${kindOf(outcome)}">
      <th scope="row"><a href="${linkTo(file)}">${moment(startedAt)}</a></th>
      <td class="what">${command} ${name(whereOf(run))}</td>
      <td class="what">${outcomeBadge(outcome)}</td>
      <td class="number" data-of="took">${duration(milliseconds)}</td>
    </tr> `;
  });
  return table(['Began', 'Command and environment', 'Outcome', { number: 'Took' }], rows, { wide: true, id: list });
}

/** From the index to a page below its folder, whatever the names of folders hold. */
function linkTo(file: string): string {
  return file
    .slice(REPORTS_FOLDER.length + 1)
    .split(/[/\\]/)
    .map(encodeURIComponent)
    .join('/');
}
