import type { RequestIdentity } from './request-record.ts';

/** Which requests a fault is for; a field that is left out matches all. */
export interface RequestMatch {
  /** Such as `cloudformation`, `s3`, `sts`, `ssm`. */
  readonly service?: string;
  /** Such as `CreateChangeSet`, or a pattern. */
  readonly action?: string | RegExp;
  readonly account?: string;
  readonly region?: string;
}

/**
 * - `throttling`: what this service answers to too many calls. S3: 503 SlowDown; the others: 400 with Throttling or
 *   ThrottlingException
 * - `too-many-requests`: 429 TooManyRequestsException
 * - `service-unavailable`: 503
 * - `internal-error`: 500
 * - `cut-before`: the connection is closed and the request never forwarded
 * - `lost-answer`: the request is carried out, and the connection is closed in place of the answer
 */
export type FaultKind =
  'throttling' | 'too-many-requests' | 'service-unavailable' | 'internal-error' | 'cut-before' | 'lost-answer';

/** What is to go wrong, and when. */
export interface Fault {
  /** Which requests count: fields that must be equal, or a function. @default every request */
  readonly match?: RequestMatch | ((request: RequestIdentity) => boolean);
  /** A fault of a known kind, or an answer of your own in the service's protocol. */
  readonly with: FaultKind | { readonly status: number; readonly code: string; readonly message?: string };
  /** The first matching request to fail, counted from 1 since the fault was set. @default 1 */
  readonly nth?: number;
  /** How many matching requests fail from there on; `Infinity` for always. @default 1 */
  readonly times?: number;
}

/** A fault that was set. */
export interface InjectedFault {
  /** Matching requests so far, failed or not. */
  readonly matched: number;
  /** Requests it has failed so far. */
  readonly injected: number;
  /** Lets every further request pass. */
  remove(): void;
}

/** Decides which request fails, and how. */
export class Faults {
  #active: ActiveFault[] = [];

  add(fault: Fault): InjectedFault {
    const nth = fault.nth ?? 1;
    if (!Number.isInteger(nth) || nth < 1) throw new RangeError(`nth counts requests from 1, but is ${fault.nth}.`);
    const active = new ActiveFault(fault, () => (this.#active = this.#active.filter((other) => other !== active)));
    this.#active.push(active);
    return active;
  }

  /** The fault of this request, if any. Every fault counts the request; the first one that is due is injected. */
  next(request: RequestIdentity): Fault | undefined {
    const due = this.#active.filter((fault) => fault.count(request));
    due[0]?.inject();
    return due[0]?.fault;
  }

  clear(): void {
    this.#active = [];
  }
}

class ActiveFault implements InjectedFault {
  readonly fault: Fault;
  readonly remove: () => void;
  matched = 0;
  injected = 0;

  constructor(fault: Fault, remove: () => void) {
    this.fault = fault;
    this.remove = remove;
  }

  /** Counts the request if it matches; true if it is to fail. */
  count(request: RequestIdentity): boolean {
    if (!matches(this.fault.match, request)) return false;
    this.matched += 1;
    return this.matched >= (this.fault.nth ?? 1) && this.injected < (this.fault.times ?? 1);
  }

  inject(): void {
    this.injected += 1;
  }
}

/** Whether a request is one of those described. */
export function matches(match: Fault['match'], request: RequestIdentity): boolean {
  if (match === undefined) return true;
  if (typeof match === 'function') return match(request);
  const { action, ...equal } = match;
  if (action instanceof RegExp ? !action.test(request.action) : action !== undefined && action !== request.action)
    return false;
  return (Object.keys(equal) as (keyof typeof equal)[]).every(
    (field) => equal[field] === undefined || equal[field] === request[field],
  );
}
