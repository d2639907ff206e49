/**
 * What is wrong, where, and what to do next, in one sentence for people; the command prints it without a stack trace.
 */
export class LocalAwsError extends Error {
  /** Machine-readable kind, such as `PortInUse`; stable, for tests. */
  readonly code:
    'NoPython' | 'InstallFailed' | 'PortInUse' | 'StartFailed' | 'NotRunning' | 'BadOption' | 'Unreachable';

  constructor(code: LocalAwsError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LocalAwsError';
    this.code = code;
  }
}
