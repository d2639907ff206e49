export { askToDelete } from './confirm.ts';
export { type DestroyReport, type DestroyRequest, destroy } from './destroy.ts';
export { askToDeleteLeftBehind, type DeletedKind, deleteLeftBehind } from './left-behind.ts';
export { withDependents } from './order.ts';
export { requireByRules, tellJudgement } from './rules.ts';
