import type { Clock } from './clock.ts';

const THROTTLING = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
]);
const LOST_CONNECTION = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'TimeoutError',
  'RequestTimeout',
  'NetworkingError',
]);

/** Whether asking again may well get an answer: throttled, a server error, or a connection lost on the way. */
export function isTransient(error: unknown): boolean {
  const { name, code, $fault, $metadata } = (error ?? {}) as {
    name?: string;
    code?: string;
    $fault?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    $fault === 'server' ||
    status >= 500 ||
    status === 429 ||
    THROTTLING.has(name ?? '') ||
    LOST_CONNECTION.has(name ?? '') ||
    LOST_CONNECTION.has(code ?? '')
  );
}

/**
 * Asks again after the SDK has given up. A stack goes on changing whether we look or not: a minute of server
 * errors must not turn a deployment that succeeds into one that is reported as failed. Only for reads.
 */
export async function persistently<T>(clock: Clock, ask: () => Promise<T>, attempts = 4): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
      await clock.sleep(Math.min(500 * 2 ** (attempt - 1), 8000));
    }
  }
}
