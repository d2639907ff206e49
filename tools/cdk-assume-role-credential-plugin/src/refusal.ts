import { contextKeyOf } from './role-names.ts';
import type { Role } from './role-session.ts';

/** Says in one sentence which role of which account could not be assumed, why, and what to do. */
export function explainRefusal(error: unknown, role: Role): string {
  const { name: code = 'Error', message = String(error) } = (error ?? {}) as { name?: string; message?: string };
  return `The role ${role.name} of account ${role.account} cannot be assumed: ${reason(code, message)}; ${nextStep(code, role)}.`;
}

function isRefusal(code: string): boolean {
  return code === 'AccessDenied' || code === 'AccessDeniedException' || code === 'NoSuchEntity';
}

function reason(code: string, message: string): string {
  // STS says who was refused ("User: <ARN> is not authorized to perform ..."), and nothing else that is new.
  const caller = /User: (\S+) is not authorized/.exec(message)?.[1];
  if (isRefusal(code)) return caller === undefined ? 'access is denied, or there is no such role' : `${caller} may not`;
  return `${code === 'Error' ? '' : `${code}, `}${message.trim().replace(/[.\s]+$/, '')}`;
}

function nextStep(code: string, { account, name, purpose }: Role): string {
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
