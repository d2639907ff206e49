import { EnvironmentsError } from '@nx-cdk/environments';
import { NoNxError } from '@nx-cdk/processes';

/**
 * What is wrong, where, and what to do next, in one sentence for people; the command prints it without a stack trace.
 */
export class LocalAwsError extends Error {
  /** Machine-readable kind, such as `PortInUse`; stable, for tests. */
  readonly code:
    | 'BadOption'
    | 'InstallFailed'
    | 'NoConfiguration'
    | 'NoProject'
    | 'NoPython'
    | 'NoWorkspace'
    | 'NotRunning'
    | 'PortInUse'
    | 'StartFailed'
    | 'Unreachable';

  constructor(code: LocalAwsError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LocalAwsError';
    this.code = code;
  }
}

/** The sentence of an error that people can do something about; undefined for any other, whose stack they need. */
export function sentenceOf(error: unknown): string | undefined {
  const known = [LocalAwsError, EnvironmentsError, NoNxError].some((kind) => error instanceof kind);
  return known ? (error as Error).message : undefined;
}
