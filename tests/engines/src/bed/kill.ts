import { setTimeout as wait } from 'node:timers/promises';
import type { AwsProxy } from 'aws-proxy';
import type { StartedProcess } from 'test-bed';

/** The moment at which a process is killed. */
export interface Moment {
  /** `cloudformation:DeleteStack` */
  readonly request: string;
  /** Counted from 1. @default 1 */
  readonly nth?: number;
}

/**
 * Kills a process when a request of it has arrived: the request is carried out, nobody hears the answer, and nothing
 * that comes after it arrives any more.
 *
 * @param start starts the process, whose requests all go through the proxy
 * @returns what it had written until then
 * @throws if it ends before that
 */
export async function killAt(
  { request, nth = 1 }: Moment,
  proxy: AwsProxy,
  start: () => StartedProcess,
): Promise<string> {
  let arrived = 0;
  proxy.fail({
    match: ({ service, action }) => {
      // What was on its way beside it has not arrived.
      if (arrived === nth) return true;
      if (request === `${service}:${action}`) arrived += 1;
      if (arrived === nth) running.kill('SIGKILL');
      return false;
    },
    with: 'cut-before',
    times: Infinity,
  });
  const running = start();
  const { code, output } = await running.ended;
  if (code !== 137)
    throw new Error(`The process was to be killed at ${request}, but it ended with ${code}:\n${output}`);
  await carriedOut(proxy);
  return output;
}

/** Waits until the local AWS has finished its last operation. */
async function carriedOut(proxy: AwsProxy): Promise<void> {
  for (let known = -1; known !== proxy.requests.length; await wait(200)) known = proxy.requests.length;
}
