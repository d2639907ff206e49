import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiffRun, RunFile } from 'nx-cdk/src/report/index.ts';
import { comparison } from 'nx-cdk/src/report/testing/comparison.ts';
import { syntheticRun } from 'nx-cdk/src/report/testing/synthetic-run.ts';
import { CHECKOUT } from 'test-bed';

/** Where runs are that `record.ts` has recorded. */
export const RECORDED = join(CHECKOUT, 'tools/nx-cdk/src/report/testing');

export const recorded = (name: string) => JSON.parse(readFileSync(join(RECORDED, `${name}.json`), 'utf8')) as RunFile;

/** A run of each kind: of four stacks as they were recorded, and of many. */
export const RUNS: Readonly<Record<string, () => DiffRun | RunFile>> = {
  'four stacks': () => recorded('created'),
  'a failure': () => recorded('failed'),
  'a plan with a replacement': () => recorded('plan'),
  'a comparison': comparison,
  'publishing again': () => recorded('publish-again'),
  'three hundred stacks': () => syntheticRun({ stacks: 300 }),
};
