import type { IncomingMessage } from 'node:http';
import { s3Action } from './s3-action.ts';
import type { RequestIdentity } from './request-record.ts';

/** Who a signing key belongs to. */
export interface KeyOwner {
  readonly account: string;
  readonly role?: string;
}

/**
 * What a request says about itself: service, region and key by the credential scope of its signature
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html), the action by the way of the
 * service's protocol.
 *
 * @param form the beginning of a form body, as far as it was needed to find `Action`; empty for other bodies
 * @param ownerOf whose a session key is, if known
 */
export function identify(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  form: string,
  ownerOf: (accessKeyId: string) => KeyOwner | undefined,
): RequestIdentity {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const query = new URLSearchParams(path.split('?', 2)[1] ?? '');
  const scope = credentialScope(request.headers.authorization, query);
  const service = scope?.service ?? 'unknown';
  const owner = scope && (ownerOf(scope.accessKeyId) ?? accountKey(scope.accessKeyId));
  return {
    method,
    path,
    service,
    action:
      targetAction(request.headers['x-amz-target']) ??
      formAction(form) ??
      query.get('Action') ??
      /^\/service\/[^/]+\/operation\/([^/?]+)/.exec(path)?.[1] ??
      (service === 's3' ? s3Action(method, path, request.headers) : `${method} ${path.split('?', 1)[0]}`),
    region: scope?.region,
    account: owner?.account,
    role: owner?.role,
  };
}

/** A body that may hold `Action=...`: the AWS query protocol. */
export function isForm(request: Pick<IncomingMessage, 'headers'>): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/**
 * The `Action` of a form, once it is there as a whole: a value that the read part cuts off could be the beginning of a
 * longer one.
 */
export function formAction(form: string, complete = true): string | undefined {
  return (complete ? /(?:^|&)Action=([^&]*)/ : /(?:^|&)Action=([^&]*)&/).exec(form)?.[1];
}

interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

function credentialScope(authorization: string | undefined, query: URLSearchParams): Scope | undefined {
  const credential = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const [accessKeyId, , region, service] = credential.split('/');
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

/** The local AWS tells accounts apart by root keys whose id is the account's. */
function accountKey(accessKeyId: string): KeyOwner | undefined {
  return /^\d{12}$/.test(accessKeyId) ? { account: accessKeyId } : undefined;
}

function targetAction(target: string | string[] | undefined): string | undefined {
  return typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : undefined;
}
