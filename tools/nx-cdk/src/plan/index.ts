export { approvalGate, type RequiredApproval } from './approval-gate.ts';
export { makePlan } from './make-plan.ts';
export { planAsMarkdown } from './markdown.ts';
export type { Plan, PlannedStack } from './model.ts';
export { planAsJson, planDigest } from './plan-file.ts';
export { openPlan, type PlannedDeployment } from './plan-gate.ts';
export { preview } from './preview.ts';
export { changesAsText, planAsText } from './text.ts';
