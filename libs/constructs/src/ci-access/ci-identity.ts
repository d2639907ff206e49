import { PipelineError } from '../pipeline/index.ts';

/** What a token of a CI system has to say about its job. */
export interface TrustedSubject {
  /** The `sub` claim. */
  readonly subject: string;
  /**
   * Whether `?` and `*` in `subject` stand for one or any number of characters, as in IAM's `StringLike`.
   * @default false
   */
  readonly pattern?: boolean;
  /** Further claims that STS compares, by name. @default - the subject says enough */
  readonly claims?: Readonly<Record<string, string>>;
}

/** Who a CI system says that its jobs are: the issuer of its tokens, and their claims for each kind of job. */
export interface CiIdentity {
  /** Part of the names of the roles: `github`, `gitlab` or `circleci`. */
  readonly system: string;
  /** The `iss` claim: an `https` URL without a slash at its end. */
  readonly issuer: string;
  /** The `aud` claim. */
  readonly audience: string;
  /** The job that publishes what the branch says. */
  readonly publish: TrustedSubject;
  /** The job that shows what a proposed change would change. */
  readonly diff: TrustedSubject;
  /** A job of a schedule. @default - as the one that publishes */
  readonly scheduled?: TrustedSubject;
  /** A job that deploys to an environment. */
  deploy(environment: string): TrustedSubject;
  /**
   * A job that makes or removes an instance of an environment for a proposed change, never one of a fork.
   * @default - the system makes none
   */
  sandbox?(environment: string): TrustedSubject;
}

/**
 * Refuses what would change the meaning of a subject: a wildcard, or the separator of its parts.
 *
 * @throws PipelineError naming the value
 */
export function requireLiteral(what: string, value: string): string {
  if (!/^[\w@.+/-]+$/.test(value)) {
    throw new PipelineError(
      `${what} is "${value}": letters, digits and . _ - + @ / are all that a trust policy takes here.`,
    );
  }
  return value;
}
