export { askToDelete } from './confirm.ts';
export { type DestroyReport, destroy } from './destroy.ts';
export { askToDeleteLeftBehind, deleteLeftBehind } from './left-behind.ts';
export { withDependents } from './order.ts';
