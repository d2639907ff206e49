export { type RunStepsOptions, type StepsEnd, runSteps } from './run-steps.ts';
export { type StepEnvironmentOptions, stepEnvironment } from './step-environment.ts';
