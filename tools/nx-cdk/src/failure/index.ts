export { FAILURE_CODES, type FailureCode } from './codes.ts';
export { type Denial, denialIn, roleOf } from './denial.ts';
export { Failure, type FailureOptions, type FailureParts } from './failure.ts';
export { FAILURES_FILE_VARIABLE, readFailures, recordFailure, type ReportedFailure } from './failures-file.ts';
