export { FAILURE_CODES, type FailureCode } from './codes.ts';
export {
  type Denial,
  denialIn,
  Failure,
  type FailureParts,
  happenedIn,
  type ReportedFailure,
  reworded,
  roleOf,
} from './failure.ts';
export { FAILURES_FILE_VARIABLE, readFailures, recordFailure } from './failures-file.ts';
