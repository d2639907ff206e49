import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalAws, startInstance } from 'local-aws';
import { CI } from './landscape.ts';

/**
 * The local AWS of this Jest worker, which the first suite that asks starts: every account is empty, no request fails
 * or waits, and the log of requests is empty. Suites of one worker come one after the other, so each has it for itself.
 * To empty it takes a tenth of the time of a start.
 *
 * It ends with the worker, however that ends, and not by `stop`.
 */
export async function sharedAws(): Promise<LocalAws & { readonly requestLog: string }> {
  const folder = process.env['TEST_BED_INSTANCES'];
  if (folder === undefined)
    throw new Error('The jest.config.mjs of a suite with a local AWS has to name jest-setup.ts');
  const aws = await startInstance({
    directory: join(folder, process.env['JEST_WORKER_ID'] ?? '1'),
    managementAccount: CI.account,
    region: CI.region,
    logRequests: true,
  });
  await aws.disturb({});
  await aws.reset();
  const requestLog = aws.requestLog!;
  // The server goes on writing at its end.
  await truncate(requestLog);
  return { ...aws, requestLog, stop: async () => {} };
}
