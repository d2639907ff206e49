export { makePlan, type PlanDependencies } from './make-plan.ts';
export { planAsMarkdown } from './markdown.ts';
export type * from './model.ts';
export { planAsJson, planDigest, readPlan } from './plan-file.ts';
export { openPlan, type PlannedDeployment, type PlannedRun } from './plan-gate.ts';
export type * from './request.ts';
export { planAsText } from './text.ts';
