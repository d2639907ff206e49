import { contextKeyOf, type Purpose } from './role-names.ts';

/** What could not be had. */
export interface RefusedRole {
  readonly account: string;
  readonly name: string;
  readonly purpose: Purpose;
}

/** Says in one sentence which role of which account could not be assumed, why, and what to do. */
export function explainRefusal(error: unknown, { account, name, purpose }: RefusedRole): string {
  const { name: code = 'Error', message = String(error) } = (error ?? {}) as { name?: string; message?: string };
  return `The role ${name} of account ${account} cannot be assumed: ${reason(code, message)}; ${nextStep(code, name, account, purpose)}.`;
}

function isRefusal(code: string): boolean {
  return code === 'AccessDenied' || code === 'AccessDeniedException' || code === 'NoSuchEntity';
}

function reason(code: string, message: string): string {
  // STS says who was refused ("User: <ARN> is not authorized to perform ..."), and nothing else that is not said
  // already.
  const caller = /User: (\S+) is not authorized/.exec(message)?.[1];
  if (isRefusal(code)) return caller === undefined ? 'access is denied, or there is no such role' : `${caller} may not`;
  return `${code === 'Error' ? '' : `${code}, `}${message.trim().replace(/[.\s]+$/, '')}`;
}

function nextStep(code: string, name: string, account: string, purpose: Purpose): string {
  if (isRefusal(code)) {
    return `create ${name} in ${account} with trust for the caller and let the caller assume it, or name another role in the context ${contextKeyOf(purpose)}`;
  }
  if (/^(Credentials|Token)ProviderError$/.test(code)) {
    return 'set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in (aws sso login)';
  }
  if (/^Expired|^RequestExpired$/.test(code)) return 'sign in again';
  if (/InvalidClientTokenId|InvalidToken|SignatureDoesNotMatch|UnrecognizedClient/.test(code)) {
    return 'check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in this shell';
  }
  return 'check the network, the region and AWS_ENDPOINT_URL, and try again';
}
