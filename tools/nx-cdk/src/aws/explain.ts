import { denialIn, Failure, type FailureParts } from '../failure/index.ts';
import { callOf, type FailedCall } from './observe.ts';

/** Whether an error says that a permission is missing, and not that the call failed otherwise. */
export function isAccessDenied(error: unknown): boolean {
  const { name, $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  return (
    name === 'AccessDenied' ||
    name === 'AccessDeniedException' ||
    name === 'UnauthorizedOperation' ||
    // A HEAD answer has no body and so no code: the SDK names it after its status.
    ($metadata?.httpStatusCode === 403 && (name === '403' || name === 'Forbidden' || name === 'Unknown'))
  );
}

const CREDENTIAL_ERRORS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'UnrecognizedClientException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'IncompleteSignature',
  'SignatureDoesNotMatch',
  'RequestTimeTooSkewed',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'AuthFailure',
]);

const UNTRUSTED = 'its certificate is not trusted';

const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  ETIMEDOUT: 'no answer in time',
  TimeoutError: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EPIPE: 'the connection was closed',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** What any error can bring along that helps to explain it. */
interface AnyError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/**
 * Turns what an AWS call threw into one sentence for people: what happened, where, and the next step. A `Failure` is
 * returned as it is.
 */
export function explain(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const call = callOf(error);
  const { name = 'Error', message = String(error), code = '' } = (error ?? {}) as AnyError;
  const said = message.trim().replace(/\.$/, '');
  if (CREDENTIAL_ERRORS.has(name)) {
    return new Failure('Credentials', credentialParts(name, said, call?.endpoint ?? 'AWS'), { cause: error });
  }
  const connection = CONNECTION_ERRORS[code] ?? CONNECTION_ERRORS[name];
  if (connection !== undefined) {
    const place = call?.endpoint ?? hostOf(error as AnyError) ?? (call === undefined ? 'AWS' : `AWS in ${call.target}`);
    const parts = { subject: `${place} cannot be reached`, what: connection, next: nextStep(connection, call) };
    return new Failure('Unreachable', parts, { cause: error });
  }
  if (call === undefined) return new Failure('Unexpected', { what: message }, { cause: error });
  const action = `${call.service}:${call.action}`;
  const who = call.role === 'caller' ? 'caller' : `role ${call.role}`;
  if (!isAccessDenied(error)) {
    const parts = { what: `${action} failed as the ${who}`, where: call.target, next: said };
    return new Failure('AwsCall', parts, { cause: error });
  }
  // AWS names the permission itself if it is of another service, such as that of a key.
  const denial = denialIn(message);
  const role = call.role === 'caller' ? denial?.role : call.role;
  return new Failure(
    'AccessDenied',
    { what: `The ${who} may not ${action}`, where: call.target, next: said },
    { cause: error, denied: { action, ...denial, ...(role && { role }) } },
  );
}

function nextStep(connection: string, call: FailedCall | undefined): string {
  if (connection === UNTRUSTED) return 'name the file of its certificate authority in AWS_CA_BUNDLE';
  if (call?.endpoint === undefined) return 'check the network and the region';
  return startingEndpoint();
}

/** Names the command that starts what is at the endpoint; set by who sets `AWS_ENDPOINT_URL`. */
const START_VARIABLE = 'NX_CDK_ENDPOINT_START';

/** What to do where an endpoint that is not AWS does not answer: a clause. */
export function startingEndpoint(environment: NodeJS.ProcessEnv = process.env): string {
  const command = environment[START_VARIABLE];
  return command ? `check that it is started (${command})` : 'check AWS_ENDPOINT_URL and that it is started';
}

function credentialParts(name: string, said: string, place: string): FailureParts {
  const again = 'run the same command once more';
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const next = 'set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in (aws sso login)';
    return { subject: 'No usable AWS credentials', what: said, next };
  }
  if (name.startsWith('Expired') || name === 'RequestExpired') {
    return { what: 'The AWS credentials have expired', next: `sign in again and ${again}` };
  }
  if (name === 'RequestTimeTooSkewed') {
    const next = `set this machine's clock right and ${again}`;
    return { what: `${place} does not accept requests of another time`, next };
  }
  return {
    what: `${place} does not accept the AWS credentials (${name})`,
    next: 'check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in this shell',
  };
}

function hostOf({ address, hostname = address, port }: AnyError): string | undefined {
  return hostname === undefined || port === undefined ? hostname : `${hostname}:${port}`;
}
