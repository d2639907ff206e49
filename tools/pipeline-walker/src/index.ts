export { type RunStepsOptions, type StepsEnd, runSteps } from './run-steps.ts';
export { type StepEnvironmentOptions, stepEnvironment } from './step-environment.ts';
export { Lines } from './lines.ts';
export { type WalkDependencies, walkPipeline, requireServiceSessions } from './walk-pipeline.ts';
export type { ActionReport, Preparation, WalkReport, WalkRequest } from './request.ts';
