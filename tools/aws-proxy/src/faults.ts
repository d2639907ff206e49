import type { RequestIdentity } from './identify.ts';

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
 * - `service-unavailable`: 503
 * - `cut-before`: the connection is closed and the request never forwarded
 * - `lost-answer`: the request is carried out, and the connection is closed in place of the answer
 */
export type FaultKind = 'throttling' | 'service-unavailable' | 'cut-before' | 'lost-answer';

/** What goes wrong, and when. */
export interface Fault {
  /** Which requests count: fields that must be equal, or a function. @default every request */
  readonly match?: RequestMatch | ((request: RequestIdentity) => boolean);
  /** A fault of a known kind, or an answer of your own in the service's protocol. */
  readonly with: FaultKind | { readonly status: number; readonly code: string; readonly message?: string };
  /** The first matching request to fail, counted from 1 since the fault was set. @default 1 */
  readonly nth?: number;
  /** How many matching requests fail from there on; `Infinity` for all. @default 1 */
  readonly times?: number;
}

/** A fault that was set. */
export interface InjectedFault {
  /** Requests that it has failed so far. */
  readonly injected: number;
}

/** Decides which request fails, and how. */
export class Faults {
  #set: { readonly fault: Fault; matched: number; injected: number }[] = [];

  add(fault: Fault): InjectedFault {
    const added = { fault, matched: 0, injected: 0 };
    this.#set.push(added);
    return added;
  }

  /** The fault of this request, if any. Every fault counts the request; the first one that is due is injected. */
  next(request: RequestIdentity): Fault | undefined {
    const matching = this.#set.filter(({ fault }) => matches(fault.match, request));
    for (const each of matching) each.matched += 1;
    const due = matching.find(
      ({ fault: { nth = 1, times = 1 }, matched, injected }) => matched >= nth && injected < times,
    );
    if (due) due.injected += 1;
    return due?.fault;
  }

  clear(): void {
    this.#set = [];
  }
}

/** Whether a request is one of those described. */
export function matches(match: Fault['match'], request: RequestIdentity): boolean {
  if (typeof match === 'function') return match(request);
  const { action, ...fields } = match ?? {};
  const named = action instanceof RegExp ? action.test(request.action) : [undefined, request.action].includes(action);
  const equal = Object.entries(fields) as [keyof typeof fields, string | undefined][];
  return named && equal.every(([field, value]) => value === undefined || value === request[field]);
}
