import type { IncomingMessage } from 'node:http';
import { registryAction, s3Action } from './actions.ts';

/** What a request says about itself, before there is an answer. */
export interface RequestIdentity {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  /**
   * The service of the signature's credential scope, such as `cloudformation`, `s3`, `sts`, `ssm`; `ecr` for a request
   * to a registry, and `unknown` for any other without a signature.
   */
  readonly service: string;
  /**
   * As in an IAM policy, such as `DescribeStacks`. An S3 request is named after its method, its path and its
   * subresource.
   */
  readonly action: string;
  /** The region of the signature's credential scope, or of the registry. */
  readonly region?: string;
  /**
   * Of a root key that is its account's id, of each role session that was handed out through this proxy, and of a
   * registry.
   */
  readonly account?: string;
  /** The name of the role whose session signed the request; absent for a root key. */
  readonly role?: string;
}

/** Who a signing key belongs to. */
export type KeyOwner = Pick<RequestIdentity, 'account' | 'role'>;

const REGISTRY = /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(?::443)?$/;

/** Whether a host is a registry of ECR, under the name that images have. */
export function isRegistry(host: string): boolean {
  return REGISTRY.test(host);
}

/**
 * What a request says about itself: service, region and key by the credential scope of its signature
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html), the action by the way of the
 * service's protocol; of a request to a registry, account and region by the name of its host.
 *
 * @param form the body, if it is a form
 * @param ownerOf whose a session key is, if known
 */
export function identify(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  form: string,
  ownerOf: (accessKeyId: string) => KeyOwner | undefined,
): RequestIdentity {
  const { method = 'GET', url: path = '/', headers } = request;
  const [pathname = '/', search = ''] = path.split('?', 2);
  const registry = REGISTRY.exec(headers.host ?? '')?.groups;
  if (registry) {
    const action = registryAction(method, pathname) ?? `${method} ${pathname}`;
    return { method, path, service: 'ecr', action, account: registry['account'], region: registry['region'] };
  }
  const query = new URLSearchParams(search);
  const credential =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const [accessKeyId = '', , region, service = 'unknown'] = credential.split('/');
  // The local AWS knows accounts by root keys whose id is the account's.
  const owner = ownerOf(accessKeyId) ?? (/^\d{12}$/.test(accessKeyId) ? { account: accessKeyId } : undefined);
  return {
    method,
    path,
    service,
    action:
      /[^.]+$/.exec(String(headers['x-amz-target'] ?? ''))?.[0] ??
      new URLSearchParams(form).get('Action') ??
      query.get('Action') ??
      /^\/service\/[^/]+\/operation\/([^/]+)/.exec(pathname)?.[1] ??
      (service === 's3' ? s3Action(method, pathname, query, headers) : `${method} ${pathname}`),
    region,
    account: owner?.account,
    role: owner?.role,
  };
}

/** A body that may hold `Action=...`: the AWS query protocol. */
export function isForm({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/**
 * The session key that an answer of AssumeRole hands out, and whose it is
 * (docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
 */
export function sessionIn(answer: string): [accessKeyId: string, KeyOwner] | undefined {
  const accessKeyId = /<AccessKeyId>([^<]+)<\/AccessKeyId>/.exec(answer)?.[1];
  const [, account, role] = /<Arn>arn:[\w-]+:sts::(\d{12}):assumed-role\/([^/<]+)\//.exec(answer) ?? [];
  return accessKeyId && account ? [accessKeyId, { account, role }] : undefined;
}
