export type * from './request.ts';
export { type RollbackDependencies, rollback } from './rollback.ts';
