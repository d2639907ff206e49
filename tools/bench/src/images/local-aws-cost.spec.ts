import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalAws } from 'local-aws';
import { countLocalAws } from './local-aws-cost.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cost-'));
  writeFileSync(join(folder, 'instance.json'), JSON.stringify({ pid: process.pid }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what came since counts, and what was there before does not', async () => {
  // given
  const requestLog = join(folder, 'requests.jsonl');
  const request = (action: string) => appendFileSync(requestLog, `${JSON.stringify({ action })}\n`);
  request('PutImage');
  const count = await countLocalAws({ requestLog } as LocalAws, folder);

  // when
  for (const action of ['DescribeImages', 'PutImage', 'PutImage']) request(action);

  // then
  const { busy, ...counted } = await count();
  expect(counted).toEqual({ requests: 3, pushes: 2 });
  // Read from /proc, which only Linux has.
  if (process.platform === 'linux') expect(busy).toBeGreaterThanOrEqual(0);
  else expect(busy).toBeUndefined();
});
