export { approvalGate, type RequiredApproval } from './approval-gate.ts';
export { type DeletionRequest, type Deletions, findDeletions, requireExecutionRole } from './deletions.ts';
export { deletionOfExisting } from './existing-deletion.ts';
export { stillTheSame } from './basis.ts';
export { dataFate } from './data-fate.ts';
export { makePlan } from './make-plan.ts';
export { planAsMarkdown } from './markdown.ts';
export { code as codeAsMarkdown } from './markdown-code.ts';
export type { JudgedDeletion, Plan, PlannedDeletion, PlannedStack } from './model.ts';
export { planAsJson, planDigest } from './plan-file.ts';
export { openPlan, type PlannedDeployment } from './plan-gate.ts';
export { drawStacks } from './picture.ts';
export { preview } from './preview.ts';
export { parseTemplate } from './template.ts';
export {
  dayOf,
  judge,
  requireDeletable,
  wordAccepted,
  wordRefusal,
  workspaceRules,
  type WorkspaceRules,
} from './rules.ts';
export { ruledStacks } from './ruled-stacks.ts';
export { rulesGate } from './rules-gate.ts';
export { changesAsText, deletionsAsText, planAsText, verdictAsText } from './text.ts';
export * from './wording.ts';
