export { type RunStepsOptions, type StepsEnd, runSteps } from './run-steps.ts';
export { type StepEnvironmentOptions, stepEnvironment } from './step-environment.ts';
export { Lines } from './lines.ts';
export { type RehearseDependencies, rehearse, requireServiceSessions } from './rehearse.ts';
export type { ActionReport, Preparation, RehearseReport, RehearseRequest } from './request.ts';
