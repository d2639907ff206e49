export { askToDelete } from './confirm.ts';
export { type DestroyDependencies, type ExistingStack, destroy } from './destroy.ts';
export { withDependents } from './order.ts';
export type * from './request.ts';
