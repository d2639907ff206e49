export type { ActionReport, WalkReport } from './report.ts';
export { stepEnvironment } from './step-environment.ts';
