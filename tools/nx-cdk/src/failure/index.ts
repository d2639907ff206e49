export { FAILURE_CODES, type FailureCode } from './codes.ts';
export { type Denial, denialIn, Failure, type FailureParts, type ReportedFailure, roleOf } from './failure.ts';
export { FAILURES_FILE_VARIABLE, readFailures, recordFailure } from './failures-file.ts';
