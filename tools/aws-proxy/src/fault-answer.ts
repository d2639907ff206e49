import { randomUUID } from 'node:crypto';
import type { Fault } from './faults.ts';
import type { RequestIdentity } from './request-record.ts';

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
 * The answer of a failing service in its own protocol, so that the client's error has the right name: query-XML,
 * REST-XML (S3), the XML of EC2, or JSON. Error codes: the "Common Errors" page of each service's API reference, and
 * docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
 *
 * @returns undefined for faults that have no answer: the connection is cut
 */
export function faultAnswer(kind: Fault['with'], request: RequestIdentity): FaultAnswer | undefined {
  if (kind === 'cut-before' || kind === 'lost-answer') return undefined;
  const error = typeof kind === 'object' ? { message: 'Injected fault', ...kind } : knownError(kind, request.service);
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

interface ServiceError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function knownError(kind: Exclude<Fault['with'], object>, service: string): ServiceError {
  const xml = QUERY_SERVICES.includes(service);
  switch (kind) {
    case 'throttling':
      if (service === 's3') return { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
      if (service === 'ec2') return { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' };
      return { status: 400, code: xml ? 'Throttling' : 'ThrottlingException', message: 'Rate exceeded' };
    case 'too-many-requests':
      return { status: 429, code: 'TooManyRequestsException', message: 'Too many requests' };
    case 'service-unavailable':
      return { status: 503, code: 'ServiceUnavailable', message: 'Service is unavailable. Please try again.' };
    default:
      return { status: 500, code: service === 's3' ? 'InternalError' : 'InternalFailure', message: 'Internal error.' };
  }
}

function inProtocol(request: RequestIdentity, { status, code, message }: ServiceError, id: string): [string, string] {
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  if (request.service === 's3') {
    // The answer to HEAD has no body (RFC 9110, 9.3.2): all that a client learns is the status.
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error>${error}<RequestId>${id}</RequestId></Error>`;
    return ['application/xml', request.method === 'HEAD' ? '' : body];
  }
  if (request.service === 'ec2')
    return ['text/xml', `<Response><Errors><Error>${error}</Error></Errors><RequestID>${id}</RequestID></Response>`];
  if (QUERY_SERVICES.includes(request.service)) {
    const type = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>`;
    return ['text/xml', `<ErrorResponse><Error>${type}${error}</Error><RequestId>${id}</RequestId></ErrorResponse>`];
  }
  return ['application/x-amz-json-1.1', JSON.stringify({ __type: code, message })];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
