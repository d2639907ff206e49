import type { CloudFormationServiceException as ServiceException } from '@aws-sdk/client-cloudformation';
import type { Clock } from './clock.ts';

const THROTTLED = /^(Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/;
const LOST_CONNECTION = /^(ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|RequestTimeout|NetworkingError)$/;

/** Whether asking again may well get an answer: throttled, a server error, or a connection lost on the way. */
function isTransient(error: unknown): boolean {
  const { name = '', code = '', $fault, $metadata } = (error ?? {}) as Partial<ServiceException> & { code?: string };
  const status = $metadata?.httpStatusCode ?? 0;
  const failed = $fault === 'server' || status >= 500;
  const throttled = status === 429 || THROTTLED.test(name);
  return failed || throttled || LOST_CONNECTION.test(name) || LOST_CONNECTION.test(code);
}

/** Milliseconds to wait before asking once more. */
const DELAYS = [500, 1000, 2000];

/**
 * Asks again after the SDK has given up. A stack goes on changing whether we look or not: a minute of server
 * errors must not turn a deployment that succeeds into one that is reported as failed. Only for reads.
 */
export async function persistently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (const delay of DELAYS) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await clock.sleep(delay);
    }
  }
  return ask();
}
