import { readFileSync, readdirSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { writeReport } from './write-report.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

test('a report replaces the last one, in a folder that need not be there', async () => {
  await writeReport(workspace.path('reports/deploy.json'), { run: 1 });
  await writeReport(workspace.path('reports/deploy.json'), { run: 2 });
  expect(readFileSync(workspace.path('reports/deploy.json'), 'utf8')).toBe('{\n  "run": 2\n}\n');
  expect(readdirSync(workspace.path('reports'))).toEqual(['deploy.json']);
});

test.each([
  ['a folder', 'taken/inner', 'taken'],
  ['in what is no folder', 'file', 'file/report.json'],
])('names the report that cannot be written, and leaves no half of it: it is %s', async (_, given, report) => {
  workspace.write(given, 'in the way');
  const before = readdirSync(workspace.root);
  await expect(writeReport(workspace.path(report), {})).rejects.toMatchObject({
    code: 'Report',
    message: expect.stringMatching(new RegExp(`^The report ${workspace.path(report)} cannot be written: `)),
  });
  expect(readdirSync(workspace.root)).toEqual(before);
});
