/**
 * An error made for people: `message` is one sentence that says what is wrong and where, and what to do next. Executors
 * print it without a stack trace (`--verbose` adds the trace and the cause) and end with exit code 1.
 */
export class Failure extends Error {
  /** Machine-readable kind, such as `AssetMissing`; stable, for `--json` and tests. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
  }
}
