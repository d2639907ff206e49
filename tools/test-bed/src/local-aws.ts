import { join } from 'node:path';
import { type LocalAws, startInstance } from '@nx-cdk/local-aws';
import { CI } from './landscape.ts';

/**
 * The local AWS of this Jest worker, which the first suite that asks starts: every account is empty. Suites of one
 * worker come one after the other, so each has it for itself. To empty it takes a tenth of the time of a start.
 *
 * It ends with the worker, however that ends, and not by `stop`.
 */
export async function sharedAws(): Promise<LocalAws> {
  const folder = process.env['TEST_BED_INSTANCES'];
  if (folder === undefined)
    throw new Error('The jest.config.mjs of a suite with a local AWS has to name jest-setup.ts');
  const aws = await startInstance({
    directory: join(folder, process.env['JEST_WORKER_ID'] ?? '1'),
    managementAccount: CI.account,
    region: CI.region,
  });
  await aws.reset();
  return { ...aws, stop: async () => {} };
}
