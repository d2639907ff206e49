export { makePlan } from './make-plan.ts';
export { planAsMarkdown } from './markdown.ts';
export type * from './model.ts';
export { planAsJson, planDigest, readPlan } from './plan-file.ts';
export { openPlan, type PlannedDeployment, type PlannedRun } from './plan-gate.ts';
export { preview, type Preview } from './preview.ts';
export type * from './request.ts';
export { changesAsText, planAsText } from './text.ts';
