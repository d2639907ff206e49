import { denialIn, Failure, type FailureParts } from '../failure/index.ts';

/** What an observed call is reported as. */
export interface CallContext {
  /** `deploy-role` as people know it: the name of the role, or `caller`. */
  readonly role: string;
  /** `111111111111/eu-west-1` */
  readonly target: string;
  /** Where the request was sent, if not to AWS itself. */
  readonly endpoint?: string;
}

/** Which call an error came from. */
export interface FailedCall extends CallContext {
  readonly service: string;
  readonly action: string;
}

// A WeakMap, not a property: the error objects are the SDK's, and what is written on them would show up in its logs.
const calls = new WeakMap<object, FailedCall>();

/** Remembers which call an error came from. */
export function annotate(error: unknown, call: FailedCall): void {
  if (typeof error === 'object' && error !== null && !calls.has(error)) calls.set(error, call);
}

/** The call an error came from, if it came from one of our clients. */
export function callOf(error: unknown): FailedCall | undefined {
  return typeof error === 'object' && error !== null ? calls.get(error) : undefined;
}

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

/**
 * Turns whatever an AWS call threw into an error for people: one sentence that names what happened, where, and the next
 * step. An error that already is one is returned as it is.
 */
export function explain(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const call = callOf(error);
  const {
    name = 'Error',
    message = String(error),
    code,
  } = (error ?? {}) as { name?: string; message?: string; code?: string };
  const where = call?.target;
  if (CREDENTIAL_ERRORS.has(name)) {
    return new Failure('Credentials', credentialParts(name, message, call), { cause: error });
  }
  const connection = CONNECTION_ERRORS[code ?? ''] ?? CONNECTION_ERRORS[name] ?? timeout(name);
  if (connection !== undefined) {
    const target = call?.endpoint ?? address(error) ?? (where === undefined ? 'AWS' : `AWS in ${where}`);
    const parts = { subject: `${target} cannot be reached`, what: connection, next: nextStep(connection, call) };
    return new Failure('Unreachable', parts, { cause: error });
  }
  if (call !== undefined && isAccessDenied(error)) {
    // AWS names the permission itself if it is of another service, such as that of a key.
    const said = denialIn(message);
    const role = call.role === 'caller' ? said?.role : call.role;
    const action = said?.action ?? `${call.service}:${call.action}`;
    return new Failure(
      'AccessDenied',
      { what: `${capital(nameOfCaller(call))} may not ${call.service}:${call.action}`, where, next: clause(message) },
      { cause: error, denied: { ...said, action, ...(role && { role }) } },
    );
  }
  if (call !== undefined) {
    return new Failure(
      'AwsCall',
      { what: `${call.service}:${call.action} failed as ${nameOfCaller(call)}`, where, next: clause(message) },
      { cause: error },
    );
  }
  return new Failure('Unexpected', { what: message }, { cause: error });
}

function nextStep(connection: string, call: FailedCall | undefined): string {
  if (connection === UNTRUSTED) return 'name the file of its certificate authority in AWS_CA_BUNDLE';
  return call?.endpoint === undefined
    ? 'check the network and the region'
    : 'check AWS_ENDPOINT_URL and that it is started';
}

function timeout(name: string): string | undefined {
  return name === 'TimeoutError' ? 'no answer in time' : undefined;
}

function nameOfCaller(call: FailedCall): string {
  return call.role === 'caller' ? 'the caller' : `the role ${call.role}`;
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

function credentialParts(name: string, message: string, call: FailedCall | undefined): FailureParts {
  const target = call?.endpoint ?? 'AWS';
  const again = 'run the same command once more';
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const next = 'set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in (aws sso login)';
    return { subject: 'No usable AWS credentials', what: clause(message), next };
  }
  if (name.startsWith('Expired') || name === 'RequestExpired') {
    return { what: 'The AWS credentials have expired', next: `sign in again and ${again}` };
  }
  if (name === 'RequestTimeTooSkewed') {
    const next = `set this machine's clock right and ${again}`;
    return { what: `${target} does not accept requests of another time`, next };
  }
  return {
    what: `${target} does not accept the AWS credentials (${name})`,
    next: 'check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in this shell',
  };
}

/** What AWS says, as a part of our sentence. */
function clause(message: string): string {
  return message.trim().replace(/\.$/, '');
}

function address(error: unknown): string | undefined {
  const { address: host, hostname, port } = error as { address?: string; hostname?: string; port?: number };
  const name = hostname ?? host;
  return name === undefined ? undefined : port === undefined ? name : `${name}:${port}`;
}
