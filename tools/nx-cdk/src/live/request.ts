import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Whether a request may be answered. A page of another site must not get at the report by a name of its own that it
 * lets lead to this machine (the header Host tells that name), nor by asking from where it is (Origin, and
 * https://www.w3.org/TR/fetch-metadata/).
 *
 * @param host where the server listens, `127.0.0.1:4567`
 */
export function isOurs({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>, host: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  return (
    method === 'GET' &&
    headers.host === host &&
    (origin === undefined || origin === `http://${host}`) &&
    (site === undefined || site === 'none' || site === 'same-origin')
  );
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
