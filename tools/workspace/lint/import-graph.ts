import { type ICruiseResult, cruise } from 'dependency-cruiser';
import { ROOMS, ROOMS_FOLDER } from './rooms.ts';

/**
 * What only the whole graph of imports can tell: files that import each other in a circle, in all projects, and lines
 * of the table of rooms that no file needs or that point upwards. Type imports count as imports.
 */
const { output } = await cruise(['apps', 'libs', 'tools', 'tests'], {
  ruleSet: { forbidden: [{ name: 'circle', severity: 'error', from: {}, to: { circular: true } }] },
  validate: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)(node_modules|cdk\\.out|dist|tmp)(/|$)' },
  tsPreCompilationDeps: true,
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
});
const { modules, summary } = output as ICruiseResult;

const circles = summary.violations.map(
  ({ from, cycle = [] }) => `${[from, ...cycle.map(({ name }) => name)].join(' -> ')}: a circle of imports.`,
);

const roomOf = (file: string) =>
  file.startsWith(`${ROOMS_FOLDER}/`) ? file.slice(ROOMS_FOLDER.length + 1).split('/')[0] : undefined;
const used = new Set(
  modules
    .filter(({ source }) => !/\.spec\.ts$|\/testing\//.test(source))
    .flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => `${roomOf(source)} -> ${roomOf(resolved)}`),
    ),
);
const rooms = Object.keys(ROOMS);
const grants = Object.entries(ROOMS).flatMap(([room, granted]) => granted.map((other) => ({ room, other })));
const unused = grants
  .filter(({ room, other }) => !used.has(`${room} -> ${other}`))
  .map(({ room, other }) => `rooms.ts grants ${other} to ${room}, but no file of ${room} imports it.`);
const upwards = grants
  .filter(({ room, other }) => rooms.indexOf(other) >= rooms.indexOf(room))
  .map(({ room, other }) => `rooms.ts grants ${other} to ${room}, but does not list it above ${room}.`);

const problems = [...circles, ...unused, ...upwards];
problems.forEach((problem) => console.error(problem));
console.log(`${summary.totalDependenciesCruised} imports in ${modules.length} files, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
