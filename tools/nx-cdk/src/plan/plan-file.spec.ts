import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planAsJson, planDigest, readPlan } from './plan-file.ts';
import { EXAMPLE, plannedDeletion } from './testing/plans.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-file-'));
const file = join(folder, 'plan.json');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OLD = plannedDeletion('Old', { after: ['arn:other'], executionRoleArn: 'arn:role' });

test('a plan is read as it was written, its deletions included, under one digest', async () => {
  const json = planAsJson({ ...EXAMPLE, deletions: [OLD] });
  writeFileSync(file, json);
  expect(await readPlan(file)).toEqual({ plan: { ...EXAMPLE, deletions: [OLD] }, digest: planDigest(json) });
  expect(planDigest(json)).not.toBe(planDigest(planAsJson(EXAMPLE)));
});

test.each([
  ['is no list', {}],
  ['holds nothing', [null]],
  ['holds a stack without a basis', [{ ...OLD, basis: undefined }]],
  ['holds a stack that nobody can tell from another one', [{ ...OLD, basis: { ...OLD.basis, stackId: 1 } }]],
  ['holds an order that is none', [{ ...OLD, after: 'arn:other' }]],
  ['holds no resources', [{ ...OLD, changes: undefined }]],
  ['holds a role that is no text', [{ ...OLD, executionRoleArn: {} }]],
])('a plan is refused if its list of deletions %s', async (_, deletions) => {
  writeFileSync(file, JSON.stringify({ ...EXAMPLE, deletions }));
  await expect(readPlan(file)).rejects.toMatchObject({ code: 'NoPlan' });
});
