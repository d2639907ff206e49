export { type RunStepsOptions, type StepsEnd, runSteps } from './run-steps.ts';
export type { ActionReport, WalkReport } from './request.ts';
