export { FAILURE_CODES, type FailureCode } from './codes.ts';
export { Failure, type FailureParts, sentenceOf } from './failure.ts';
