import { randomUUID } from 'node:crypto';
import type { Fault } from './faults.ts';
import type { RequestIdentity } from './identify.ts';

/** An HTTP answer that a service could have given. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Services that speak XML to a form (the AWS query protocol), among those that deployments use. */
const QUERY_SERVICES = [
  'cloudformation',
  'sts',
  'iam',
  'sns',
  'autoscaling',
  'elasticloadbalancing',
  'rds',
  'monitoring',
];

/**
 * The answer of a failing service in its own protocol, so that the client's error has the right name. Error codes: the
 * "Common Errors" page of each service's API reference, and
 * docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
 *
 * @returns undefined for faults that have no answer: the connection is cut
 */
export function faultAnswer(kind: Fault['with'], request: RequestIdentity): FaultAnswer | undefined {
  if (kind === 'cut-before' || kind === 'lost-answer') return undefined;
  const error = { message: 'Injected fault', ...(typeof kind === 'object' ? kind : knownError(kind, request.service)) };
  const requestId = randomUUID();
  const [type, body] = inProtocol(request, error, requestId);
  return {
    status: error.status,
    headers: {
      'content-type': type,
      'content-length': String(Buffer.byteLength(body)),
      'x-amzn-requestid': requestId,
      // How services with JSON or REST name their errors; query and S3 clients do not look at it.
      'x-amzn-errortype': error.code,
    },
    body,
  };
}

function knownError(kind: 'throttling' | 'service-unavailable', service: string) {
  if (kind === 'service-unavailable') return { status: 503, code: 'ServiceUnavailable' };
  if (service === 's3') return { status: 503, code: 'SlowDown' };
  if (service === 'ec2') return { status: 503, code: 'RequestLimitExceeded' };
  return { status: 400, code: QUERY_SERVICES.includes(service) ? 'Throttling' : 'ThrottlingException' };
}

/** Content type and body: REST-XML (S3), the XML of EC2, query-XML, the JSON of registries, or that of all others. */
function inProtocol(
  { service, method, path }: RequestIdentity,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
  id: string,
): [type: string, body: string] {
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  if (service === 's3') {
    // The answer to HEAD has no body (RFC 9110, 9.3.2): all that a client learns is the status.
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error>${error}<RequestId>${id}</RequestId></Error>`;
    return ['application/xml', method === 'HEAD' ? '' : body];
  }
  if (service === 'ec2')
    return ['text/xml', `<Response><Errors><Error>${error}</Error></Errors><RequestID>${id}</RequestID></Response>`];
  if (QUERY_SERVICES.includes(service)) {
    const type = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>`;
    return ['text/xml', `<ErrorResponse><Error>${type}${error}</Error><RequestId>${id}</RequestId></ErrorResponse>`];
  }
  // github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
  if (path.startsWith('/v2/')) return ['application/json', JSON.stringify({ errors: [{ code, message }] })];
  return ['application/x-amz-json-1.1', JSON.stringify({ __type: code, message })];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
