import { readFile } from 'node:fs/promises';
import type { LocalAws } from 'local-aws';

/** One request as the local AWS saw it. */
export interface LoggedRequest {
  readonly service: string;
  readonly action: string;
  readonly account: string;
  readonly region: string;
  readonly status: number;
}

/**
 * Runs `step` and returns what the local AWS was asked meanwhile. @throws Error if the instance does not log
 * requests
 */
export async function requestsDuring(aws: LocalAws, step: () => Promise<unknown>): Promise<LoggedRequest[]> {
  const before = (await read(aws)).length;
  await step();
  return (await read(aws)).slice(before);
}

async function read({ requestLog }: LocalAws): Promise<LoggedRequest[]> {
  if (requestLog === undefined) throw new Error('This local AWS does not log its requests');
  const text = await readFile(requestLog, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedRequest);
}
