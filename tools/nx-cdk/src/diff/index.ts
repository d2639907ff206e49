export { type DiffDependencies, diff } from './diff.ts';
export type * from './request.ts';
