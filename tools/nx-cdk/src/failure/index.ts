export { FAILURE_CODES, type FailureCode } from './codes.ts';
export { type Denial, denialIn, Failure, type FailureParts, roleOf } from './failure.ts';
export { FAILURES_FILE_VARIABLE, readFailures, recordFailure, type ReportedFailure } from './failures-file.ts';
