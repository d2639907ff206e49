export { askToDelete } from './confirm.ts';
export { type DestroyReport, destroy } from './destroy.ts';
export { withDependents } from './order.ts';
